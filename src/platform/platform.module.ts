import { type DynamicModule, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { Clock, IdGenerator } from '../kernel/application/ports.js';
import { DomainEvents } from '../kernel/application/domain-events.js';
import { UnitOfWork } from '../kernel/application/unit-of-work.js';
import { SystemClock, UuidV7Ids } from './system.js';
import { PgUnitOfWork } from './postgres/pg-unit-of-work.js';
import { HealthController, MetricsController, Readiness } from './observability/endpoints.js';

/** What the process itself shares with the modules. */
export interface Observed {
  /** Gets the metrics of all modules. */
  readonly registry: Registry;
  readonly readiness: Readiness;
}

/** What every module stands on: database, clock, ids, events, health and metrics. */
@Module({})
export class PlatformModule {
  static forRoot({ registry, readiness }: Observed): DynamicModule {
    collectDefaultMetrics({ register: registry });
    return {
      module: PlatformModule,
      global: true,
      imports: [TerminusModule.forRoot({ logger: false })],
      controllers: [HealthController, MetricsController],
      providers: [
        DomainEvents,
        { provide: Readiness, useValue: readiness },
        PgUnitOfWork,
        { provide: UnitOfWork, useExisting: PgUnitOfWork },
        { provide: Clock, useClass: SystemClock },
        { provide: IdGenerator, useClass: UuidV7Ids },
        { provide: Registry, useValue: registry },
      ],
      exports: [DomainEvents, Readiness, PgUnitOfWork, UnitOfWork, Clock, IdGenerator, Registry],
    };
  }
}
