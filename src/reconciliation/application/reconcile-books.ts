import { Injectable } from '@nestjs/common';
import { Clock } from '../../kernel/application/ports.js';
import type { Difference, DifferenceKind } from '../domain/difference.js';
import type { BooksSnapshot, Reconciliation } from './ports.js';

/**
 * Adds up the whole ledger again and compares it with balances, orders and tasks, and its totals
 * with those of the run before.
 */
@Injectable()
export class ReconcileBooks {
  constructor(private readonly clock: Clock) {}

  /**
   * @param onDifference is called with every difference when it is found. None is kept: there may
   * be millions.
   */
  async execute(
    books: BooksSnapshot,
    onDifference: (difference: Difference) => void,
  ): Promise<Reconciliation> {
    const startedMs = this.clock.monotonicMs();
    const differences = new Map<DifferenceKind, number>();
    const found = (difference: Difference): void => {
      differences.set(difference.kind, (differences.get(difference.kind) ?? 0) + 1);
      onDifference(difference);
    };
    const totals = await books.totals();
    (await books.shrunk(totals)).forEach(found);
    for await (const difference of books.differences()) found(difference);
    await books.keep(totals);
    return {
      totals,
      differences,
      finishedAt: this.clock.now(),
      // Whole milliseconds, as they are logged.
      seconds: Math.round(this.clock.monotonicMs() - startedMs) / 1_000,
    };
  }
}

/** How many differences a run has found. */
export function countOf({ differences }: Pick<Reconciliation, 'differences'>): number {
  return [...differences.values()].reduce((sum, count) => sum + count, 0);
}
