import { HttpModule } from '@nestjs/axios';
import { Module } from '@nestjs/common';
import { AccountModule } from '../account/index.js';
import { OrdersModule } from '../orders/index.js';
import { AccrualGateway } from './application/ports/accrual-gateway.js';
import { AccrualWatch } from './application/accrual-watch.js';
import { AdjustGate } from './application/adjust-gate.js';
import { CashbackMetrics } from './application/ports/cashback-metrics.js';
import { CashbackProcessor } from './application/cashback-processor.js';
import { CashbackSettings } from './application/ports/cashback-settings.js';
import { ClaimTasks } from './application/claim-tasks.js';
import { EnqueueOrders } from './application/enqueue-orders.js';
import { GateRepository } from './application/ports/gate-repository.js';
import { QueueRepository } from './application/ports/queue-repository.js';
import { SettleTasks } from './application/settle-tasks.js';
import { SettleVerdict } from './application/settle-verdict.js';
import { SettlementCommits } from './application/settlement-commits.js';
import { WakeUp } from './application/wake-up.js';
import { HoldAsking } from './application/operating/hold-asking.js';
import { ResumeAsking } from './application/operating/resume-asking.js';
import { RetryAllParkedTasks } from './application/operating/retry-all-parked-tasks.js';
import { RetryParkedTasks } from './application/operating/retry-parked-tasks.js';
import { ParkedTasks } from './application/ports/parked-tasks.js';
import { QueueOverview } from './application/ports/queue-overview.js';
import { QueueRunner } from './cli/queue-runner.js';
import { SqlParkedTasks } from './infrastructure/sql-parked-tasks.js';
import { SqlQueueOverview } from './infrastructure/sql-queue-overview.js';
import { CashbackScheduler } from './infrastructure/cashback-scheduler.js';
import { HttpAccrualGateway } from './infrastructure/http-accrual-gateway.js';
import { PrometheusCashbackMetrics } from './infrastructure/prometheus-cashback-metrics.js';
import { SqlGateRepository } from './infrastructure/sql-gate-repository.js';
import { SqlQueueRepository } from './infrastructure/sql-queue-repository.js';
import { undiciAdapter } from './infrastructure/undici-axios-adapter.js';

/**
 * Bytes of a reply that says everything the contract knows is about a hundred, of a number with 1
 * 000 digits a thousand more.
 */
const MAX_REPLY_BYTES = 65_536;

@Module({
  imports: [
    OrdersModule,
    AccountModule,
    HttpModule.registerAsync({
      inject: [CashbackSettings],
      useFactory: ({ concurrency }: CashbackSettings) => ({
        adapter: undiciAdapter(concurrency),
        maxContentLength: MAX_REPLY_BYTES,
        responseType: 'text',
        transformResponse: [],
        validateStatus: null,
      }),
    }),
  ],
  providers: [
    EnqueueOrders,
    WakeUp,
    ClaimTasks,
    AdjustGate,
    AccrualWatch,
    SettleTasks,
    SettlementCommits,
    SettleVerdict,
    CashbackProcessor,
    CashbackScheduler,
    RetryParkedTasks,
    RetryAllParkedTasks,
    HoldAsking,
    ResumeAsking,
    QueueRunner,
    { provide: AccrualGateway, useClass: HttpAccrualGateway },
    { provide: QueueRepository, useClass: SqlQueueRepository },
    { provide: ParkedTasks, useClass: SqlParkedTasks },
    { provide: QueueOverview, useClass: SqlQueueOverview },
    { provide: GateRepository, useClass: SqlGateRepository },
    { provide: CashbackMetrics, useClass: PrometheusCashbackMetrics },
  ],
})
export class CashbackModule {}
