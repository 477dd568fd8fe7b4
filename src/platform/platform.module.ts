import { Global, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { collectDefaultMetrics, Counter, Registry } from 'prom-client';
import { Clock, IdGenerator } from '../kernel/application/ports.js';
import { DomainEvents } from '../kernel/application/domain-events.js';
import { UnitOfWork } from '../kernel/application/unit-of-work.js';
import { SystemClock, UuidV7Ids } from './system.js';
import { PgUnitOfWork } from './postgres/pg-unit-of-work.js';
import { HealthController, MetricsController, Readiness } from './observability/endpoints.js';
import { stderr, stdout } from './observability/standard-output.js';

/** The registry that every module's metrics are in, and those of the process. */
function processRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Counter({
    name: 'log_lines_dropped_total',
    help: 'Lines of the log that could not be written',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(stdout.dropped + stderr.dropped);
    },
  });
  return registry;
}

/** What every module stands on: database, clock, ids, events, health and metrics. */
@Global()
@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController, MetricsController],
  providers: [
    DomainEvents,
    Readiness,
    PgUnitOfWork,
    { provide: UnitOfWork, useExisting: PgUnitOfWork },
    { provide: Clock, useClass: SystemClock },
    { provide: IdGenerator, useClass: UuidV7Ids },
    { provide: Registry, useFactory: processRegistry },
  ],
  exports: [DomainEvents, Readiness, PgUnitOfWork, UnitOfWork, Clock, IdGenerator, Registry],
})
export class PlatformModule {}
