import { Module } from '@nestjs/common';
import { Books, ReconciliationMetrics } from './application/ports.js';
import { ReconcileBooks } from './application/reconcile-books.js';
import { WatchBooks } from './application/watch-books.js';
import { ReconcileRunner } from './cli/reconcile-runner.js';
import { PrometheusReconciliationMetrics } from './infrastructure/prometheus-reconciliation-metrics.js';
import { ReconciliationScheduler } from './infrastructure/reconciliation-scheduler.js';
import { SqlBooks } from './infrastructure/sql-books.js';

@Module({
  providers: [
    ReconcileBooks,
    WatchBooks,
    ReconciliationScheduler,
    ReconcileRunner,
    { provide: Books, useClass: SqlBooks },
    { provide: ReconciliationMetrics, useClass: PrometheusReconciliationMetrics },
  ],
})
export class ReconciliationModule {}
