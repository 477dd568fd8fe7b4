import { describe, expect, it } from '@jest/globals';
import { UsageProblems } from '../../platform/cli/command-line.js';
import { BY } from '../../platform/cli/operator.js';
import { journalCommand } from './journal-command.js';
import { JournalRunner } from './journal-runner.js';

/** A container may run as a user that its system does not know. */
const [, , SYSTEM_USER] = BY;

/** What the runner is told to do: its method, and the method's arguments. */
async function read(...argv: string[]): Promise<unknown[]> {
  const told: unknown[] = [];
  const runner = Object.create(JournalRunner.prototype) as Record<string, unknown>;
  for (const method of ['stats', 'replay', 'resume', 'deadList', 'deadRetry'])
    runner[method] = (...given: unknown[]) => told.push(method, ...given.slice(0, -1));
  await journalCommand(async (work) => {
    const print = (): void => undefined;
    await work(runner as unknown as JournalRunner, print, new AbortController().signal);
  }).run(argv);
  return told;
}

async function problemsOf(...argv: string[]): Promise<readonly string[]> {
  const error: unknown = await read(...argv).catch((thrown: unknown) => thrown);
  if (error instanceof UsageProblems) return error.problems;
  throw new Error(`nothing is wrong with it: ${String(error)}`);
}

describe(journalCommand, () => {
  it.each([
    [['stats'], ['stats', false]],
    [
      ['--json', 'stats'],
      ['stats', true],
    ],
    [
      ['replay', 'broker'],
      ['replay', 'broker', { position: 1n }, SYSTEM_USER],
    ],
    [
      ['replay', 'broker', '--from', '4711', '--by', 'ann'],
      ['replay', 'broker', { position: 4711n }, 'ann'],
    ],
    [
      ['replay', '--from=2026-11-29T08:00:00+01:00', 'broker'],
      ['replay', 'broker', { time: new Date('2026-11-29T07:00:00Z') }, SYSTEM_USER],
    ],
    [
      ['replay', 'broker', '--from', '2026-11-29'],
      ['replay', 'broker', { time: new Date('2026-11-29T00:00:00Z') }, SYSTEM_USER],
    ],
    [
      ['resume', 'webhooks'],
      ['resume', 'webhooks', SYSTEM_USER, false],
    ],
    [
      ['resume', 'webhooks', '--by', 'ann', '--json'],
      ['resume', 'webhooks', 'ann', true],
    ],
    [
      ['dead', 'list'],
      ['deadList', 50, false],
    ],
    [
      ['dead', 'list', '--json', '--limit', '3'],
      ['deadList', 3, true],
    ],
    [
      ['dead', 'retry', '7', '8', '7', '--by', 'ann'],
      ['deadRetry', ['7', '8'], 'ann'],
    ],
    [
      ['dead', 'retry', '--all'],
      ['deadRetry', undefined, SYSTEM_USER],
    ],
  ])('reads %j', async (argv, told) => {
    await expect(read(...argv)).resolves.toEqual(told);
  });

  it.each([
    [[], ['a command is missing: stats, replay, resume, dead']],
    [['dead'], ['a command is missing: list, retry']],
    [['dead', 'lst'], ['"lst" is no command: list, retry']],
    [
      ['dead', '--al'],
      ['--al is no option of dead', expect.stringContaining('is missing')],
    ],
    [['replay'], ['a subscription is missing']],
    [
      ['resume', '--by', ''],
      ['a subscription is missing', '--by needs a text'],
    ],
    [['resume', 'webhooks', 'broker'], ['"broker" does not go with resume']],
    [
      ['replay', 'broker', 'x', '--by', ''],
      ['"x" does not go with replay', '--by needs a text'],
    ],
    [['replay', 'broker', '--from', '0'], [expect.stringContaining('not "0"')]],
    [['replay', 'broker', '--from', 'yesterday'], [expect.stringContaining('not "yesterday"')]],
    [['replay', 'broker', '--from', '2026-13-01'], [expect.stringContaining('not "2026-13-01"')]],
    [['replay', 'broker', '--from', '2026-02-31'], [expect.stringContaining('not "2026-02-31"')]],
    [['replay', 'broker', '--from', '2026-11-29T08:00'], [expect.anything()]],
    [['replay', 'broker', '--from'], ['--from needs a value']],
    [['dead', 'list', '7'], ['"7" does not go with list']],
    [['dead', 'list', '--limit', '0'], [expect.stringContaining('not "0"')]],
    [['dead', 'retry'], ['retry takes either positions or --all']],
    [['dead', 'retry', '--all', '7'], ['retry takes either positions or --all']],
    [
      ['dead', 'retry', '07', '1e3'],
      [expect.stringContaining('"07"'), expect.anything()],
    ],
  ])('names everything that is wrong with %j', async (argv, problems) => {
    await expect(problemsOf(...argv)).resolves.toEqual(problems);
  });
});
