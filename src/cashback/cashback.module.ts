import { HttpModule } from '@nestjs/axios';
import { Module, type OnModuleInit } from '@nestjs/common';
import { DomainEvents } from '../kernel/application/domain-events.js';
import { UploadRequested } from '../orders/index.js';
import {
  AccrualGateway,
  CashbackMetrics,
  GateRepository,
  ParkedTasks,
  QueueOverview,
  QueueRepository,
} from './application/ports.js';
import { AccrualHealth } from './application/processor/accrual-health.js';
import { CashbackProcessor } from './application/processor/cashback-processor.js';
import { CashbackSettings } from './cashback.settings.js';
import { ClaimTasks } from './application/processor/claim-tasks.js';
import { EnqueueOrders, WakeUp } from './application/enqueue-orders.js';
import { ResolutionCommits, SettleTasks } from './application/settle-tasks.js';
import { ResolveTask } from './application/resolve-task.js';
import { PauseAccrual, ResumeAccrual, UpdateGate } from './application/update-gate.js';
import { RetryAllParkedTasks, RetryParkedTasks } from './application/retry-parked-tasks.js';
import { QueueRunner } from './cli/queue-runner.js';
import { SqlParkedTasks } from './infrastructure/sql-parked-tasks.js';
import { SqlQueueOverview } from './infrastructure/sql-queue-overview.js';
import { CashbackScheduler } from './infrastructure/cashback-scheduler.js';
import { HttpAccrualGateway } from './infrastructure/http-accrual-gateway.js';
import { PrometheusCashbackMetrics } from './infrastructure/prometheus-cashback-metrics.js';
import { SqlGateRepository } from './infrastructure/sql-gate-repository.js';
import { SqlQueueRepository } from './infrastructure/sql-queue-repository.js';
import { undiciAdapter } from '../platform/http/outgoing/undici-axios-adapter.js';

/**
 * Bytes of a reply, at most. One with all fields of the contract has about a hundred; a number of
 * 1 000 digits adds a thousand.
 */
const MAX_REPLY_BYTES = 65_536;

@Module({
  imports: [
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
    UpdateGate,
    AccrualHealth,
    SettleTasks,
    ResolutionCommits,
    ResolveTask,
    CashbackProcessor,
    CashbackScheduler,
    RetryParkedTasks,
    RetryAllParkedTasks,
    PauseAccrual,
    ResumeAccrual,
    QueueRunner,
    { provide: AccrualGateway, useClass: HttpAccrualGateway },
    { provide: QueueRepository, useClass: SqlQueueRepository },
    { provide: ParkedTasks, useClass: SqlParkedTasks },
    { provide: QueueOverview, useClass: SqlQueueOverview },
    { provide: GateRepository, useClass: SqlGateRepository },
    { provide: CashbackMetrics, useClass: PrometheusCashbackMetrics },
  ],
})
export class CashbackModule implements OnModuleInit {
  constructor(
    private readonly events: DomainEvents,
    private readonly enqueueOrders: EnqueueOrders,
  ) {}

  onModuleInit(): void {
    this.events.subscribe(UploadRequested, (uploads, transaction) =>
      this.enqueueOrders.execute(transaction, uploads),
    );
  }
}
