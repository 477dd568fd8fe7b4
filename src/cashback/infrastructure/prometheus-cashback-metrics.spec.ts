import { beforeEach, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { Money } from '../../kernel/domain/money.js';
import type { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';
import type { ResolutionResult } from '../application/ports.js';
import { PrometheusCashbackMetrics } from './prometheus-cashback-metrics.js';

const processed = (points: string): ResolutionResult => ({
  kind: 'processed',
  points: Money.exact(points),
});

describe(PrometheusCashbackMetrics.name, () => {
  let registry: Registry;
  let metrics: PrometheusCashbackMetrics;

  beforeEach(() => {
    registry = new Registry();
    const database = { query: () => Promise.reject(new Error('away')) };
    metrics = new PrometheusCashbackMetrics(registry, database as unknown as PgUnitOfWork);
  });

  /** The counters that are not 0. */
  async function counted(): Promise<string[]> {
    const lines = (await registry.metrics()).split('\n');
    return lines.filter((line) => /^cashback_\w+_total /.test(line) && !line.endsWith(' 0'));
  }

  it.each<[string, ResolutionResult[], string[]]>([
    [
      'points',
      [processed('729.98'), processed('0.02')],
      ['cashback_orders_credited_total 2', 'cashback_points_credited_total 730'],
    ],
    ['an order without points', [processed('0')], ['cashback_orders_credited_total 1']],
    ['an INVALID order', [{ kind: 'refused' }], ['cashback_orders_refused_total 1']],
    ['a parked task', [{ kind: 'parked' }], ['cashback_orders_parked_total 1']],
    ['a late reply', [{ kind: 'late' }], ['cashback_resolutions_late_total 1']],
    ['nothing for a task that is due again', [{ kind: 'unfinished' }], []],
  ])('counts %s', async (_, results, expected) => {
    for (const result of results) metrics.resolved(result);
    expect(await counted()).toEqual(expected);
  });

  it('leaves out what only the database knows while it is away', async () => {
    metrics.replied('unknown', 0.02);
    const text = await registry.metrics();
    expect(text).toContain('accrual_reply_seconds_count{kind="unknown"} 1');
    expect(text).not.toMatch(/^(cashback_tasks|accrual_paused_by_operator)[ {]/m);
  });
});
