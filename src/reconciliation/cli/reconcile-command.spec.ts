import { describe, expect, it } from '@jest/globals';
import { TOTALS } from '../../../test/support/fakes/in-memory-snapshot.js';
import { UsageProblems } from '../../platform/cli/operator-command.js';
import { Difference, type DifferenceKind } from '../domain/difference.js';
import { JSON_WORDS, PLAIN_WORDS, reconcileCommand } from './reconcile-command.js';

describe('npm run reconcile', () => {
  it('speaks to people, and to programs with --json', () => {
    expect(reconcileCommand.read([])).toEqual({ json: false });
    expect(reconcileCommand.read(['--json'])).toEqual({ json: true });
  });

  it('names everything that it does not understand at once', () => {
    expect(() => reconcileCommand.read(['--fix', 'now'])).toThrow(UsageProblems);
    expect(() => reconcileCommand.read(['--fix', 'now'])).toThrow(
      '--fix is no option\n  - "now" means nothing here',
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
  '2 accounts, 3 entries, 4 orders, 1 tasks; 10.50 accrued, 0.50 withdrawn, 10.00 on the accounts; 1.25 s';

describe('the words of npm run reconcile', () => {
  it('are a line a difference, the kind first', () => {
    expect(PLAIN_WORDS.difference(twice)).toBe('order-twice: order 42: there are 2 rows of it');
    expect(PLAIN_WORDS.summary(run(['order-twice', 1]))).toBe(
      `1 difference (order-twice 1) in ${held}`,
    );
    expect(PLAIN_WORDS.summary(run(['order-twice', 2], ['task-twice', 1]))).toBe(
      `3 differences (order-twice 2, task-twice 1) in ${held}`,
    );
  });

  it('are one line where the books agree', () => {
    expect(PLAIN_WORDS.summary(run())).toBe(`The books agree: ${held}`);
  });

  it('are objects for programs, sums as text', () => {
    expect(JSON.parse(JSON_WORDS.difference(twice))).toEqual({
      kind: 'order-twice',
      sentence: 'order 42: there are 2 rows of it',
      number: '42',
      rows: '2',
    });
    expect(JSON.parse(JSON_WORDS.summary(run()))).toEqual({
      agree: true,
      differences: 0,
      kinds: {},
      ...TOTALS,
      seconds: 1.25,
    });
    expect(JSON.parse(JSON_WORDS.summary(run(['order-twice', 2])))).toMatchObject({
      agree: false,
      differences: 2,
    });
  });
});
