import { describe, expect, it } from '@jest/globals';
import { UsageProblems } from '../../platform/cli/operator-command.js';
import { queueCommand } from './queue-command.js';
import { readQueueWish } from './queue-wish.js';

const read = (...argv: string[]): unknown => readQueueWish(argv);

function problemsOf(...argv: string[]): readonly string[] {
  try {
    read(...argv);
  } catch (error) {
    if (error instanceof UsageProblems) return error.problems;
    throw error;
  }
  return [];
}

describe(readQueueWish, () => {
  it.each([
    [['list'], { verb: 'list', status: 'FAILED', limit: 50, json: false }],
    [
      ['list', '--status', 'pending', '--limit=7', '--json'],
      { verb: 'list', status: 'PENDING', limit: 7, json: true },
    ],
    [['--json', 'list', '--status=ALL'], { verb: 'list', status: 'all', limit: 50, json: true }],
    [['stats'], { verb: 'stats', json: false }],
    [['stats', '--json'], { verb: 'stats', json: true }],
    [
      ['retry', '12345678903', '00', '12345678903'],
      { verb: 'retry', numbers: ['12345678903', '00'] },
    ],
    [['retry', '--all'], { verb: 'retry all', reason: undefined }],
    [['retry', '--all', '--reason', 'status 500'], { verb: 'retry all', reason: 'status 500' }],
    [['pause'], { verb: 'pause' }],
    [['resume'], { verb: 'resume' }],
  ])('reads %j', (argv, wish) => {
    expect(read(...argv)).toEqual(wish);
  });

  it.each([
    [[], ['a command is missing: list, stats, retry, pause, resume']],
    [['lst'], ['"lst" is no command: list, stats, retry, pause, resume']],
    [['toString'], [expect.stringContaining('"toString" is no command')]],
    [['12345678903'], [expect.stringContaining('"12345678903" is no command')]],
    [
      ['--al', 'nothing'],
      ['--al is no option', expect.stringContaining('"nothing" is no command')],
    ],
    [['retry'], ['retry takes either order numbers or --all']],
    [['retry', '--all', '12345678903'], ['retry takes either order numbers or --all']],
    [['retry', '12345678903', '--reason', 'x'], ['--reason goes with --all']],
    [['retry', '--all', '--reason', ''], ['--reason needs a text']],
    [['retry', '--all', '--reason'], ['--reason needs a value']],
    [
      ['retry', '-all'],
      [
        '-a is no option',
        '-l is no option',
        '-l is no option',
        'retry takes either order numbers or --all',
      ],
    ],
    [
      ['retry', '--all=yes'],
      ['--all takes no value', 'retry takes either order numbers or --all'],
    ],
    [
      ['pause', '12345678903', '--json'],
      ['--json does not go with pause', '"12345678903" does not go with pause'],
    ],
    [
      ['list', '--limit', 'many', '--status', 'parked', '--all'],
      [
        '--all does not go with list',
        '--status must be one of PENDING, PROCESSING, FAILED, all, not "parked"',
        '--limit must be a whole number from 1 to 100000, not "many"',
      ],
    ],
    [['list', '--limit', '0'], [expect.stringContaining('not "0"')]],
    [['list', '--limit', '100001'], [expect.stringContaining('not "100001"')]],
    [['list', '--limit', '1e3'], [expect.stringContaining('not "1e3"')]],
  ])('names everything that is wrong with %j', (argv, problems) => {
    expect(problemsOf(...argv)).toEqual(problems);
  });

  it('explains every command and option', () => {
    for (const word of [
      'list',
      'stats',
      'retry',
      'pause',
      'resume',
      '--status',
      '--limit',
      '--json',
      '--all',
      '--reason',
      '-d',
    ]) {
      expect(queueCommand.help).toContain(word);
    }
  });
});
