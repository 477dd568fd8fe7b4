import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { CATALOGUE } from '../torture/mutants/catalogue/index.js';
import { type Mutant, seeded } from '../torture/mutants/mutant.js';
import { judge, passes, type TestRun } from '../torture/mutants/verdict.js';
import { testTitles } from './test-titles.js';

const KILLER = { file: 'an.ts', test: 'Account charges once' };

/** A run in which the killer failed with these messages, or passed. */
const run = (...failureMessages: string[]): TestRun => ({
  end: 'finished',
  tests: [
    {
      fullName: KILLER.test,
      status: failureMessages.length > 0 ? 'failed' : 'passed',
      failureMessages,
    },
  ],
});

describe('the seeded bugs of the torture', () => {
  it('have names of their own', () => {
    expect(new Set(CATALOGUE.map(({ name }) => name)).size).toBe(CATALOGUE.length);
  });

  // `npm run torture -- mutants` would find both out, minutes later and when nobody looks any more.
  it.each(CATALOGUE)('can still be planted: $name', (mutant) => {
    const files = seeded(mutant, (file) => readFileSync(file, 'utf8'));
    expect([...(files ?? [])].map(([file]) => file)).toEqual([
      ...new Set(mutant.edits.map(({ file }) => file)),
    ]);
  });

  it.each(CATALOGUE)('have a test that is there to notice: $name', ({ killer: { file, test } }) => {
    expect(testTitles(file).filter((title) => title.test(test))).not.toEqual([]);
  });
});

describe(seeded, () => {
  const source = 'const a = [\n  lock(x),\n  lock(y),\n];\n';
  const plant = (find: string, replace: string): string | undefined => {
    const edits: Mutant['edits'] = [{ file: 'a.ts', find, replace }];
    return seeded({ name: '', why: '', edits, killer: KILLER }, () => source)?.get('a.ts');
  };

  it('takes the text for itself and not for a pattern, and white space for white space', () => {
    expect(plant('[ lock(x),', '[$&')).toBe('const a = [$&\n  lock(y),\n];\n');
  });

  it.each(['unlock(x)', 'lock(', '(.)'])('finds no place, or no single one, for %j', (find) => {
    expect(plant(find, '')).toBeUndefined();
  });
});

describe(judge, () => {
  const timeOut =
    'thrown: "Exceeded timeout of 10000 ms for a test.\nAdd a timeout value …"\n    at expect(…)';

  it.each<[string, TestRun]>([
    [
      'killed',
      run('Error: expect(received).toBe(expected) // Object.is equality\n    at x.ts:1:1'),
    ],
    ['SURVIVED', run()],
    ['only by time-out', run(timeOut)],
    ['only by time-out', run('Error: the order is paid: not within 10000 ms\n    at eventually')],
    ['only by time-out', run('Error: expect(received).toBe(expected)', timeOut)],
    ['only by time-out', { end: 'out of time', tests: [] }],
    [
      'only by an error',
      run('TypeError: x is not a function\n    at expect(received).toBe(expected)'),
    ],
    ['only by an error', { end: 'broken down', tests: [] }],
    [
      'not by its test',
      {
        end: 'finished',
        tests: [{ fullName: 'another', status: 'failed', failureMessages: ['expect('] }],
      },
    ],
  ])('says %s', (verdict, run) => {
    expect(judge(KILLER, run)).toBe(verdict);
  });

  it('wants the control to pass, and to be there', () => {
    expect(passes(KILLER, run())).toBe(true);
    expect(passes(KILLER, run('Error: expect(received).toBe(expected)'))).toBe(false);
    expect(passes({ ...KILLER, test: 'another' }, run())).toBe(false);
    expect(
      passes(KILLER, {
        end: 'finished',
        tests: [{ fullName: KILLER.test, status: 'pending', failureMessages: [] }],
      }),
    ).toBe(false);
  });
});
