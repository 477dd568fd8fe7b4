import { Books } from '../../../src/reconciliation/application/ports.js';
import { ReconcileBooks } from '../../../src/reconciliation/application/reconcile-books.js';
import { ReconcileRunner } from '../../../src/reconciliation/cli/reconcile-runner.js';
import { SqlBooks } from '../../../src/reconciliation/infrastructure/sql-books.js';
import { SystemClock } from '../../../src/platform/system.js';

export interface Reconciled {
  readonly exitCode: number;
  /** What `npm run reconcile` prints, but for the summary. */
  readonly differences: readonly string[];
  readonly summary: string;
}

/** Reconciles the books as `npm run reconcile` does, in this process. */
export async function reconcile(
  uri: string,
  { json = false, books = booksAt(uri) } = {},
): Promise<Reconciled> {
  const lines: string[] = [];
  const runner = new ReconcileRunner(books, new ReconcileBooks(new SystemClock()));
  const exitCode = await runner.run(
    json ? 'json' : 'plain',
    (line) => lines.push(line),
    new AbortController().signal,
  );
  return { exitCode, differences: lines.slice(0, -1), summary: lines.at(-1) ?? '' };
}

export function booksAt(uri: string): Books {
  return new SqlBooks({ uri, pool: 1 });
}
