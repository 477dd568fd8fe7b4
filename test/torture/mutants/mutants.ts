import type { Assignment, Part, PartReport } from '../part.js';
import { Random } from '../support/random.js';
import { CATALOGUE } from './catalogue/index.js';
import { Laboratory } from './laboratory.js';
import { type Mutant, mutant } from './mutant.js';
import type { Verdict } from './verdict.js';

interface Tried {
  readonly mutant: Mutant;
  readonly verdict: Verdict;
  readonly seconds: number;
}

export const MUTANTS: Part = {
  name: 'mutants',
  meaning: 'plants bugs in a copy of the source, one after another: the tests must notice each',
  share: 0,
  byDefault: false,
  async run(assignment) {
    const words = assignment.mutants ?? [''];
    const chosen = CATALOGUE.filter(({ name }) => words.some((word) => name.includes(word)));
    if (chosen.length === 0) throw new Error(`no mutant has a name with ${words.join(' or ')}`);
    const tried: Tried[] = [];
    const misjudged: string[] = [];
    const mutants = new Random(assignment.seed).shuffled(chosen);
    await hunt(mutants, assignment, tried, misjudged).catch((error: unknown) => {
      if (!assignment.stopping.aborted) throw error;
    });
    return report(tried, misjudged);
  },
};

/** Fills `tried` and `misjudged` as it goes. @throws the reason of a stop. */
async function hunt(
  mutants: readonly Mutant[],
  { stopping, ...assignment }: Assignment,
  tried: Tried[],
  misjudged: string[],
): Promise<void> {
  assignment.say('the tests without any bug');
  const decoys = DECOYS.map(([, each]) => each);
  const laboratory = await Laboratory.open([...mutants, ...decoys], DECOY_FILES, stopping);
  try {
    // The laboratory first: one that only ever says "killed" would prove nothing.
    for (const [expected, decoy] of DECOYS) {
      const verdict = await laboratory.try(decoy);
      if (verdict !== expected)
        misjudged.push(`the decoy "${decoy.name}" is called "${verdict}", not "${expected}"`);
    }
    for (const each of mutants) {
      const killed = tried.filter(isKilled).length;
      assignment.say(
        `${tried.length} of ${mutants.length} tried, ${killed} killed; now: ${each.name}`,
      );
      const began = performance.now();
      const verdict = await laboratory.try(each);
      tried.push({ mutant: each, verdict, seconds: (performance.now() - began) / 1000 });
    }
  } finally {
    await laboratory.close();
  }
}

function report(tried: readonly Tried[], misjudged: readonly string[]): PartReport {
  const alive = tried.filter((each) => !isKilled(each));
  return {
    facts: {
      decoys: DECOYS.length,
      mutants: `${tried.length} of ${CATALOGUE.length}`,
      killed: tried.length - alive.length,
    },
    violations: [
      ...misjudged,
      ...alive.map(
        ({ mutant: { name, why, killer }, verdict }) =>
          `${name}: ${verdict}; ${why} (${killer.file})`,
      ),
    ],
    table: {
      columns: ['mutant', 'file', 'killed by', 'seconds', 'verdict'],
      rows: tried
        .toSorted((a, b) => CATALOGUE.indexOf(a.mutant) - CATALOGUE.indexOf(b.mutant))
        .map(({ mutant: { name, edits, killer }, verdict, seconds }) => [
          name,
          [...new Set(edits.map(({ file }) => file))].join(', '),
          killer.test,
          seconds.toFixed(1),
          verdict,
        ]),
    },
  };
}

function isKilled({ verdict }: Tried): boolean {
  return verdict === 'killed';
}

/** A file and its tests, which are in the copy only. */
const DECOY = 'src/decoy.ts';
const DECOY_SPEC = 'src/decoy.spec.ts';
const DECOY_FILES = {
  [DECOY]: `
    /** Doubles. */
    export function twice(n: number): number { return n * 2; }
    export async function greet(name: string): Promise<string> {
      if (name === '') await new Promise(() => undefined);
      return 'hello ' + name;
    }`,
  [DECOY_SPEC]: `
    import { expect, it } from '@jest/globals';
    import { greet, twice } from './decoy.js';
    it('greets', async () => expect(await greet('you')).toBe('hello you'));
    it('doubles', () => expect(twice(2)).toBe(4));`,
};

function decoy(
  expected: Verdict,
  find: string,
  replace: string,
  test = 'greets',
): readonly [Verdict, Mutant] {
  return [expected, mutant(`${find} → ${replace}`, '', [DECOY_SPEC, test], [DECOY, find, replace])];
}

/** Mutants that no test notices as it should, and what the laboratory must say of them. */
const DECOYS = [
  decoy('killed', "'hello '", "'bye '"),
  decoy('SURVIVED', '/** Doubles. */', '/** Says so. */'),
  decoy('does not compile', 'Promise<string> {', 'Promise<string> {{'),
  decoy('does not compile', 'Promise<string> {', 'Promise<number> {'),
  decoy('stale', 'a line that nobody wrote', ''),
  decoy('control fails', "'hello '", "'bye '", 'greets nobody'),
  decoy('only by time-out', "name === ''", "name !== ''"),
  decoy('only by an error', "return 'hello ' + name;", 'throw new Error(name);'),
  decoy('not by its test', 'n * 2', 'n * 3'),
];
