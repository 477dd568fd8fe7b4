import { describe, expect, it } from '@jest/globals';
import { UsageProblems } from '../../platform/cli/command-line.js';
import { BY } from '../../platform/cli/operator.js';
import { queueCommand } from './queue-command.js';
import { QueueRunner } from './queue-runner.js';

/** A container may run as a user that its system does not know. */
const [, , SYSTEM_USER] = BY;

/** What the runner is told to do: its method, and the method's arguments. */
async function read(...argv: string[]): Promise<unknown[]> {
  const told: unknown[] = [];
  const runner = Object.create(QueueRunner.prototype) as Record<string, unknown>;
  for (const method of ['list', 'stats', 'retry', 'retryAll', 'pause', 'resume'])
    runner[method] = (...given: unknown[]) => told.push(method, ...given.slice(0, -1));
  await queueCommand(async (work) => {
    const print = (): void => undefined;
    await work(runner as unknown as QueueRunner, print, new AbortController().signal);
  }).run(argv);
  return told;
}

async function problemsOf(...argv: string[]): Promise<readonly string[]> {
  const error: unknown = await read(...argv).catch((thrown: unknown) => thrown);
  if (error instanceof UsageProblems) return error.problems;
  throw new Error(`nothing is wrong with it: ${String(error)}`);
}

describe(queueCommand, () => {
  it.each([
    [['list'], ['list', { status: 'FAILED', limit: 50, json: false }]],
    [
      ['list', '--status', 'pending', '--limit=7', '--json'],
      ['list', { status: 'PENDING', limit: 7, json: true }],
    ],
    [
      ['--json', 'list', '--status=ALL'],
      ['list', { status: 'all', limit: 50, json: true }],
    ],
    [['stats'], ['stats', false]],
    [
      ['stats', '--json'],
      ['stats', true],
    ],
    [
      ['retry', '12345678903', '00', '12345678903', '--by', 'ann'],
      ['retry', ['12345678903', '00'], 'ann'],
    ],
    [
      ['retry', '--all'],
      ['retryAll', undefined, SYSTEM_USER],
    ],
    [
      ['retry', '--all', '--reason', 'status 500'],
      ['retryAll', 'status 500', SYSTEM_USER],
    ],
    [['pause'], ['pause', SYSTEM_USER]],
    [
      ['resume', '--by=bob'],
      ['resume', 'bob'],
    ],
  ])('reads %j', async (argv, told) => {
    await expect(read(...argv)).resolves.toEqual(told);
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
      ['-all is no option of retry', 'retry takes either order numbers or --all'],
    ],
    [
      ['retry', '--all=yes'],
      ['--all takes no value', 'retry takes either order numbers or --all'],
    ],
    [
      ['pause', '12345678903', '--json'],
      ['--json is no option of pause', '"12345678903" does not go with pause'],
    ],
    [
      ['list', '--limit', 'many', '--status', 'parked', '--all'],
      [
        '--all is no option of list',
        '--status must be one of PENDING, PROCESSING, FAILED, all, not "parked"',
        '--limit must be a whole number from 1 to 100000, not "many"',
      ],
    ],
    [['pause', '--by', ' '], ['--by needs a text']],
    [['resume', '--by'], ['--by needs a value']],
    [['list', '--limit'], ['--limit needs a value']],
    [['list', '--limit', '0'], [expect.stringContaining('not "0"')]],
    [['list', '--limit', '100001'], [expect.stringContaining('not "100001"')]],
    [['list', '--limit', '1e3'], [expect.stringContaining('not "1e3"')]],
  ])('names everything that is wrong with %j', async (argv, problems) => {
    await expect(problemsOf(...argv)).resolves.toEqual(problems);
  });

  it('explains every command and option', () => {
    const queue = queueCommand(() => Promise.resolve());
    const help = [queue, ...queue.commands].map((command) => command.helpInformation()).join('');
    for (const word of ['list', 'stats', 'retry', 'pause', 'resume'])
      expect(help).toMatch(new RegExp(`^ +${word} `, 'm'));
    for (const option of ['--status', '--limit', '--json', '--all', '--reason', '--by'])
      expect(help).toContain(option);
  });
});
