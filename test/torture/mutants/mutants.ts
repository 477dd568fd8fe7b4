import type { Assignment, Part, PartReport } from '../part.js';
import { Random } from '../support/random.js';
import { CATALOGUE } from './catalogue/index.js';
import { DECOYS } from './decoys.js';
import { Laboratory } from './laboratory.js';
import type { Mutant } from './mutant.js';
import type { Verdict } from './verdict.js';

interface Tried {
  readonly mutant: Mutant;
  readonly verdict: Verdict;
  readonly seconds: number;
}

/** Seeds known bugs in a copy of the source, one after another, and sees the tests notice each. */
export const MUTANTS: Part = {
  name: 'mutants',
  meaning: 'seeds bugs in a copy of the source, one after another: the tests must notice every one',
  share: 0,
  byDefault: false,
  run: async (assignment) => {
    const mutants = new Random(assignment.seed).shuffled(chosen());
    const tried: Tried[] = [];
    const misjudged: string[] = [];
    await hunt(mutants, assignment, tried, misjudged).catch((error: unknown) => {
      if (!assignment.stopping.aborted) throw error;
    });
    return report(tried, misjudged);
  },
};

/**
 * Those whose name has one of the words of TORTURE_MUTANTS, separated by commas, for whoever works
 * on one of them; usually all.
 */
function chosen(): readonly Mutant[] {
  const words = process.env['TORTURE_MUTANTS']?.split(',') ?? [''];
  const mutants = CATALOGUE.filter(({ name }) => words.some((word) => name.includes(word)));
  if (mutants.length === 0) throw new Error('no mutant has a name with a word of TORTURE_MUTANTS');
  return mutants;
}

/** Fills `tried` and `misjudged` as it goes. @throws the reason of a stop. */
async function hunt(
  mutants: readonly Mutant[],
  { stopping, ...assignment }: Assignment,
  tried: Tried[],
  misjudged: string[],
): Promise<void> {
  assignment.say('the tests without any bug');
  const laboratory = await Laboratory.open(
    [...mutants, ...DECOYS.map(({ mutant }) => mutant)],
    stopping,
  );
  try {
    // The laboratory first: one that only ever says "killed" would prove nothing.
    for (const { mutant, expected } of DECOYS) {
      const verdict = await laboratory.try(mutant);
      if (verdict !== expected)
        misjudged.push(
          `the decoy "${mutant.name}" is taken for "${verdict}" instead of "${expected}"`,
        );
    }
    for (const mutant of mutants) {
      assignment.say(
        `${tried.length} of ${mutants.length} tried, ${tried.filter(isKilled).length} killed; now: ${mutant.name}`,
      );
      const began = performance.now();
      const verdict = await laboratory.try(mutant);
      tried.push({ mutant, verdict, seconds: (performance.now() - began) / 1000 });
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
      rows: [...tried]
        .sort((a, b) => CATALOGUE.indexOf(a.mutant) - CATALOGUE.indexOf(b.mutant))
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
