import { Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import type { Money } from '../../kernel/domain/money.js';
import { AccountMetrics } from '../application/ports.js';

@Injectable()
export class PrometheusAccountMetrics extends AccountMetrics {
  readonly #withdrawals: Counter;
  readonly #points: Counter;

  constructor(registry: Registry) {
    super();
    const registers = [registry];
    this.#withdrawals = new Counter({
      name: 'account_withdrawals_total',
      help: 'Withdrawals that were charged; those that came again are not counted',
      registers,
    });
    // A double: after very many the last kopeck may be off. The ledger is exact.
    this.#points = new Counter({
      name: 'account_points_spent_total',
      help: 'Points of these withdrawals, in roubles',
      registers,
    });
  }

  spent(sums: readonly Money[]): void {
    this.#withdrawals.inc(sums.length);
    const kopecks = sums.reduce((total, sum) => total + sum.kopecks, 0n);
    this.#points.inc(Number(kopecks) / 100);
  }
}
