import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { TOTALS } from '../../../test/support/fakes/in-memory-snapshot.js';
import { PrometheusReconciliationMetrics } from './prometheus-reconciliation-metrics.js';

const samples = async (registry: Registry): Promise<string[]> =>
  (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));

describe(PrometheusReconciliationMetrics.name, () => {
  it('claims nothing before the first run', async () => {
    const registry = new Registry();
    new PrometheusReconciliationMetrics(registry);
    expect(await samples(registry)).toEqual([]);
  });

  it('shows the last run: every kind, those without a difference too', async () => {
    const registry = new Registry();
    const metrics = new PrometheusReconciliationMetrics(registry);
    const run = { totals: TOTALS, finishedAt: new Date(90_500), seconds: 1.25 };
    metrics.reconciled({ ...run, differences: new Map([['task-twice', 7]]) });
    metrics.reconciled({ ...run, differences: new Map([['order-twice', 2]]) });
    const shown = await samples(registry);
    expect(shown).toEqual(
      expect.arrayContaining([
        'reconciliation_differences{kind="order-twice"} 2',
        'reconciliation_differences{kind="task-twice"} 0',
        'reconciliation_differences{kind="account-balance"} 0',
        'reconciliation_last_run_timestamp_seconds 90.5',
        'reconciliation_duration_seconds 1.25',
      ]),
    );
  });
});
