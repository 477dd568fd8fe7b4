import { countOf, type Reconciliation } from '../application/reconcile-books.js';
import type { Difference } from '../domain/difference.js';

/** How a run is told, a line each. */
export interface Words {
  difference(difference: Difference): string;
  summary(reconciliation: Reconciliation): string;
}

/** For people, and for grep: the kind comes first. */
export const PLAIN_WORDS: Words = {
  difference: ({ kind, sentence }) => `${kind}: ${sentence}`,
  summary: (reconciliation) => {
    const { accounts, entries, orders, tasks, accrued, withdrawn, balances } =
      reconciliation.totals;
    return (
      `${verdict(reconciliation)} ${accounts} accounts, ${entries} entries, ${orders} orders, ${tasks} tasks; ` +
      `${accrued} accrued, ${withdrawn} withdrawn, ${balances} on the accounts; ${reconciliation.seconds} s`
    );
  },
};

/** For programs: an object a line. Sums stay text, which is exact. */
export const JSON_WORDS: Words = {
  difference: ({ kind, sentence, facts }) => JSON.stringify({ kind, sentence, ...facts }),
  summary: (reconciliation) =>
    JSON.stringify({
      agree: countOf(reconciliation) === 0,
      differences: countOf(reconciliation),
      kinds: Object.fromEntries(reconciliation.differences),
      ...reconciliation.totals,
      seconds: reconciliation.seconds,
    }),
};

function verdict(reconciliation: Reconciliation): string {
  const count = countOf(reconciliation);
  if (count === 0) return 'The books agree:';
  const kinds = [...reconciliation.differences].map(([kind, found]) => `${kind} ${found}`);
  return `${count} ${count === 1 ? 'difference' : 'differences'} (${kinds.join(', ')}) in`;
}
