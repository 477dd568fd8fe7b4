import type { Mutant } from './mutant.js';
import type { Verdict } from './verdict.js';

/**
 * A mutant that no test can kill, and what the laboratory must say of it: whoever only ever says
 * "killed" proves nothing.
 */
export interface Decoy {
  readonly mutant: Mutant;
  readonly expected: Verdict;
}

const FILE = 'src/kernel/application/group-commit.ts';
const SPEC = 'src/kernel/application/group-commit-failures.spec.ts';
const TEST = 'GroupCommit, when something fails answers a broken rule to the command that broke it';

function decoy(expected: Verdict, name: string, find: string, replace: string, test = TEST): Decoy {
  return {
    expected,
    mutant: { name, why: '', edits: [{ file: FILE, find, replace }], killer: { file: SPEC, test } },
  };
}

export const DECOYS: readonly Decoy[] = [
  decoy('SURVIVED', 'a bug that is none', 'Resolves after the COMMIT', 'resolves after the COMMIT'),
  decoy(
    'does not compile',
    'a slip of the pen',
    'async #flush(): Promise<void> {',
    'async #flush(): Promise<void> {{',
  ),
  decoy(
    'does not compile',
    'a wrong type',
    'async #flush(): Promise<void> {',
    'async #flush(): Promise<number> {',
  ),
  decoy('stale', 'a place that is not there', 'a line that nobody wrote', ''),
  decoy('stale', 'a place that is there more than once', 'list', ''),
  decoy(
    'control fails',
    'a test that is not there',
    'async #flush()',
    'async #flush()',
    `${TEST}, or does it`,
  ),
  decoy(
    'only by time-out',
    'a wait for ever',
    'else resolve(outcome.value);',
    'else if (list.length < 0) resolve(outcome.value);',
  ),
  decoy(
    'not by its test',
    'a bug that another test notices',
    'const half = list.length >> 1;',
    'const half = list.length - 1;',
  ),
];
