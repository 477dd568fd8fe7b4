import { type DynamicModule, Global, Module, type OnModuleInit } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { UnitOfWork } from '../../kernel/application/unit-of-work.js';
import { measureConnections } from '../observability/process-metrics.js';
import { Readiness } from '../observability/readiness.js';
import type { Values } from '../settings.js';
import { dataSourceOptions } from './connect.js';
import { PgUnitOfWork } from './pg-unit-of-work.js';
import type { PostgresSettings } from './postgres.settings.js';

/** Its connections are counted before other metrics ask it: a scrape shall not see itself. */
function measuredDatabase(dataSource: DataSource, registry: Registry): PgUnitOfWork {
  const database = new PgUnitOfWork(dataSource);
  measureConnections(registry, database, {
    name: 'database_connections',
    help: 'Connections of the pool by state; waiting: callers who wait for one',
  });
  return database;
}

/** The database of the books, for whatever role works on it. */
@Global()
@Module({})
export class PostgresModule implements OnModuleInit {
  static forRoot({ uri, pool }: Values<typeof PostgresSettings.table>): DynamicModule {
    return {
      module: PostgresModule,
      imports: [TypeOrmModule.forRoot(dataSourceOptions(uri, pool))],
      providers: [
        { provide: PgUnitOfWork, inject: [DataSource, Registry], useFactory: measuredDatabase },
        { provide: UnitOfWork, useExisting: PgUnitOfWork },
      ],
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
