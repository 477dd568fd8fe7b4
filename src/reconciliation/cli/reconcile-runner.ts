import { Injectable } from '@nestjs/common';
import type { ExitCode, Print } from '../../platform/cli/command-line.js';
import { Books, type Reconciliation } from '../application/ports.js';
import { countOf, ReconcileBooks } from '../application/reconcile-books.js';
import type { Difference } from '../domain/difference.js';

/** How a run is printed, a line each. */
export interface Format {
  difference(difference: Difference): string;
  summary(reconciliation: Reconciliation): string;
}

/** For people, and for grep: the kind comes first. */
export const PLAIN: Format = {
  difference: ({ kind, sentence }) => `${kind}: ${sentence}`,
  summary: (reconciliation) => {
    const { accounts, entries, orders, tasks, accrued, withdrawn, balances } =
      reconciliation.totals;
    return (
      `${result(reconciliation)} ` +
      `${accounts} accounts, ${entries} entries, ${orders} orders, ${tasks} tasks; ` +
      `${accrued} accrued, ${withdrawn} withdrawn, ${balances} on the accounts; ` +
      `${reconciliation.seconds} s`
    );
  },
};

/** For programs: an object a line. Sums stay text, which is exact. */
export const JSON_LINES: Format = {
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

function result(reconciliation: Reconciliation): string {
  const count = countOf(reconciliation);
  if (count === 0) return 'The books agree:';
  const kinds = [...reconciliation.differences].map(([kind, found]) => `${kind} ${found}`);
  return `${count} ${count === 1 ? 'difference' : 'differences'} (${kinds.join(', ')}) in`;
}

/**
 * Prints every difference as it is found. None is kept, so a ledger that is broken as a whole needs
 * no more memory than a sound one.
 */
@Injectable()
export class ReconcileRunner {
  constructor(
    private readonly books: Books,
    private readonly reconcileBooks: ReconcileBooks,
  ) {}

  async run(format: 'plain' | 'json', print: Print, stopping: AbortSignal): Promise<ExitCode> {
    const lines = format === 'json' ? JSON_LINES : PLAIN;
    const reconciliation = await this.books.snapshot(stopping, (snapshot) =>
      this.reconcileBooks.execute(snapshot, (found) => print(lines.difference(found))),
    );
    print(lines.summary(reconciliation));
    return countOf(reconciliation) === 0 ? 0 : 1;
  }
}
