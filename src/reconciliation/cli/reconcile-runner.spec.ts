import { describe, expect, it } from '@jest/globals';
import { TOTALS } from '../../../test/support/fakes/in-memory-snapshot.js';
import { UsageProblems } from '../../platform/cli/command-line.js';
import { Difference, type DifferenceKind } from '../domain/difference.js';
import { reconcileCommand } from './reconcile-command.js';
import { JSON_LINES, PLAIN, type ReconcileRunner } from './reconcile-runner.js';

describe(reconcileCommand, () => {
  const formatFor = async (...argv: string[]): Promise<string | undefined> => {
    let told: string | undefined;
    const runner = { run: (format: string) => Promise.resolve(((told = format), 0 as const)) };
    await reconcileCommand(async (work) => {
      const print = (): void => undefined;
      await work(runner as unknown as ReconcileRunner, print, new AbortController().signal);
    }).run(argv);
    return told;
  };

  it('prints for people, and for programs with --json', async () => {
    await expect(formatFor()).resolves.toBe('plain');
    await expect(formatFor('--json')).resolves.toBe('json');
  });

  it('names everything that it does not understand at once', async () => {
    await expect(formatFor('--fix', 'now')).rejects.toEqual(
      new UsageProblems(['--fix is no option', '"now" means nothing here']),
    );
  });
});

const run = (...differences: [DifferenceKind, number][]) => ({
  totals: TOTALS,
  differences: new Map(differences),
  finishedAt: new Date(0),
  seconds: 1.25,
});
const twice = new Difference('order-twice', { number: '42', rows: '2' });
const held =
  '2 accounts, 3 entries, 4 orders, 1 tasks; ' +
  '10.50 accrued, 0.50 withdrawn, 10.00 on the accounts; 1.25 s';

describe('what npm run reconcile prints', () => {
  it('is a line a difference, the kind first', () => {
    expect(PLAIN.difference(twice)).toBe('order-twice: order 42: there are 2 rows of it');
    expect(PLAIN.summary(run(['order-twice', 1]))).toBe(`1 difference (order-twice 1) in ${held}`);
    expect(PLAIN.summary(run(['order-twice', 2], ['task-twice', 1]))).toBe(
      `3 differences (order-twice 2, task-twice 1) in ${held}`,
    );
  });

  it('is one line where the books agree', () => {
    expect(PLAIN.summary(run())).toBe(`The books agree: ${held}`);
  });

  it('is objects for programs, sums as text', () => {
    expect(JSON.parse(JSON_LINES.difference(twice))).toEqual({
      kind: 'order-twice',
      sentence: 'order 42: there are 2 rows of it',
      number: '42',
      rows: '2',
    });
    expect(JSON.parse(JSON_LINES.summary(run()))).toEqual({
      agree: true,
      differences: 0,
      kinds: {},
      ...TOTALS,
      seconds: 1.25,
    });
    expect(JSON.parse(JSON_LINES.summary(run(['order-twice', 2])))).toMatchObject({
      agree: false,
      differences: 2,
    });
  });
});
