import { type DynamicModule, Global, Module, type OnModuleInit } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { TypeOrmModule } from '@nestjs/typeorm';
import { collectDefaultMetrics, Counter, Registry } from 'prom-client';
import { Clock, IdGenerator } from '../kernel/application/ports.js';
import { DomainEvents } from '../kernel/application/domain-events.js';
import { UnitOfWork } from '../kernel/application/unit-of-work.js';
import { SystemClock, UuidV7Ids } from './system.js';
import { HealthController, MetricsController } from './observability/endpoints.js';
import { Readiness } from './observability/readiness.js';
import { dataSourceOptions } from './postgres/connect.js';
import { PgUnitOfWork } from './postgres/pg-unit-of-work.js';
import type { PostgresSettings } from './postgres/postgres.settings.js';
import type { Values } from './settings.js';
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
  ],
  exports: [DomainEvents, Readiness, Clock, IdGenerator, Registry],
})
export class PlatformModule {}

/** The database of the books, for whatever role works on it. */
@Global()
@Module({})
export class PostgresModule implements OnModuleInit {
  static forRoot({ uri, pool }: Values<typeof PostgresSettings.table>): DynamicModule {
    return {
      module: PostgresModule,
      imports: [TypeOrmModule.forRoot(dataSourceOptions(uri, pool))],
      providers: [PgUnitOfWork, { provide: UnitOfWork, useExisting: PgUnitOfWork }],
      exports: [PgUnitOfWork, UnitOfWork],
    };
  }

  constructor(
    private readonly database: PgUnitOfWork,
    private readonly readiness: Readiness,
  ) {}

  onModuleInit(): void {
    this.readiness.need('database', () => this.database.obstacle());
  }
}
