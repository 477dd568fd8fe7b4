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
const TEST =
  'GroupCommit, when something fails is drained when nothing waits and nothing is on its way';

function decoy(expected: Verdict, name: string, find: string, replace: string, test = TEST): Decoy {
  return {
    expected,
    mutant: { name, why: '', edits: [{ file: FILE, find, replace }], killer: { file: SPEC, test } },
  };
}

export const DECOYS: readonly Decoy[] = [
  decoy(
    'SURVIVED',
    'a bug that is none',
    'Resolves when no command is waiting',
    'resolves when no command is waiting',
  ),
  decoy(
    'does not compile',
    'a slip of the pen',
    'async drained(): Promise<void> {',
    'async drained(): Promise<void> {{',
  ),
  decoy(
    'does not compile',
    'a wrong type',
    'async drained(): Promise<void> {',
    'async drained(): Promise<number> {',
  ),
  decoy('stale', 'a place that is not there', 'a line that nobody wrote', ''),
  decoy('stale', 'a place that is there more than once', 'list', ''),
  decoy(
    'control fails',
    'a test that is not there',
    'async drained()',
    'async drained()',
    `${TEST}, or does it`,
  ),
  decoy(
    'only by time-out',
    'a wait for ever',
    'this.#waiting.length === 0 && this.#inFlight === 0) return;',
    'false) return;',
  ),
  decoy(
    'not by its test',
    'a bug that another test notices',
    'const half = list.length >> 1;',
    'const half = list.length - 1;',
  ),
];
