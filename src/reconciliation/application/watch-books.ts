import { Injectable, Logger } from '@nestjs/common';
import { Books, ReconciliationMetrics, type Reconciliation } from './ports.js';
import { countOf, ReconcileBooks } from './reconcile-books.js';

/**
 * How many differences a run logs one by one. A ledger that is broken as a whole would flood the
 * log.
 */
const LOGGED_AT_MOST = 20;

/** One scheduled run. It reports to the log and to the metrics. */
@Injectable()
export class WatchBooks {
  readonly #logger = new Logger(WatchBooks.name);

  constructor(
    private readonly books: Books,
    private readonly reconcileBooks: ReconcileBooks,
    private readonly metrics: ReconciliationMetrics,
  ) {}

  /**
   * Never fails: a database that is away is logged, and the next run tries again. Where another
   * replica is reconciling already, it is left to that one.
   */
  async execute(stopping: AbortSignal): Promise<void> {
    try {
      const reconciliation = await this.#reconcile(stopping);
      if (reconciliation) this.#report(reconciliation);
      else this.#logger.debug('another replica is reconciling the books');
    } catch (error) {
      if (!stopping.aborted)
        this.#logger.warn(`the books could not be reconciled: ${String(error)}`);
    }
  }

  #reconcile(stopping: AbortSignal): Promise<Reconciliation | undefined> {
    return this.books.snapshot(stopping, async (snapshot) => {
      if (!(await snapshot.claim())) return undefined;
      let logged = 0;
      return this.reconcileBooks.execute(snapshot, ({ kind, sentence }) => {
        if (++logged <= LOGGED_AT_MOST)
          this.#logger.error(`the books disagree: ${kind}: ${sentence}`);
      });
    });
  }

  #report(reconciliation: Reconciliation): void {
    this.metrics.reconciled(reconciliation);
    const count = countOf(reconciliation);
    if (count === 0) {
      this.#logger.log(`the books agree, seen in ${reconciliation.seconds} s`);
      return;
    }
    const kinds = [...reconciliation.differences]
      .map(([kind, found]) => `${kind} ${found}`)
      .join(', ');
    this.#logger.error(
      `the books disagree in ${count} places: ${kinds}; npm run reconcile names them all`,
    );
  }
}
