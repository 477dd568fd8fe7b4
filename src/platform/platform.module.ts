import { Global, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { Registry } from 'prom-client';
import { BatchMetrics } from '../kernel/application/batches/ports.js';
import { DomainEvents } from '../kernel/application/domain-events.js';
import { Clock, IdGenerator } from '../kernel/application/ports.js';
import { SystemClock, UuidV7Ids } from './system.js';
import { HealthController, MetricsController } from './observability/endpoints.js';
import { processRegistry } from './observability/process-metrics.js';
import { PrometheusBatchMetrics } from './observability/prometheus-batch-metrics.js';
import { Readiness } from './observability/readiness.js';

/** What every process has: clock, ids, domain events, health and metrics. */
@Global()
@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController, MetricsController],
  providers: [
    DomainEvents,
    Readiness,
    { provide: Clock, useClass: SystemClock },
    { provide: IdGenerator, useClass: UuidV7Ids },
    { provide: Registry, useFactory: processRegistry },
    { provide: BatchMetrics, useClass: PrometheusBatchMetrics },
  ],
  exports: [DomainEvents, Readiness, Clock, IdGenerator, Registry, BatchMetrics],
})
export class PlatformModule {}
