import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { AccountQueries } from '../account/index.js';
import { KnownUsers } from '../auth/index.js';
import { EventsParkedElsewhere } from '../journal/index.js';
import { OrderQueries } from '../orders/index.js';
import { dataSourceOptions } from '../platform/postgres/connect.js';
import { Readiness } from '../platform/observability/readiness.js';
import { FollowJournal } from './application/follow-journal.js';
import { ReadModel, ReadModelMetrics } from './application/ports.js';
import { ProjectEvents } from './application/project-events.js';
import { AmqpFeed } from './infrastructure/amqp-feed.js';
import { AccountsOfKnownUsers, OrdersOfKnownUsers } from './infrastructure/for-known-users.js';
import { ReadModelAccountQueries } from './infrastructure/read-model-accounts.js';
import { PrometheusReadModelMetrics } from './infrastructure/prometheus-read-model-metrics.js';
import {
  READ_MODEL,
  READ_MODEL_CONNECTION,
  READ_MODEL_POOL,
  ReadModelDatabase,
} from './infrastructure/read-model-database.js';
import { ReadModelOrderQueries } from './infrastructure/read-model-orders.js';
import { SqlEventsParkedByReadModel } from './infrastructure/sql-parked-by-read-model.js';
import { SqlReadModel } from './infrastructure/sql-read-model.js';
import { QuerySettings } from './query.settings.js';

/** The database of the read model. */
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      name: READ_MODEL_CONNECTION,
      inject: [QuerySettings],
      useFactory: ({ databaseUri }: QuerySettings) =>
        dataSourceOptions(databaseUri, READ_MODEL_POOL, READ_MODEL),
    }),
  ],
  providers: [
    {
      provide: ReadModelDatabase,
      inject: [getDataSourceToken(READ_MODEL_CONNECTION)],
      useFactory: (connection: DataSource) => new ReadModelDatabase(connection),
    },
    ReadModelOrderQueries,
    ReadModelAccountQueries,
    { provide: ReadModel, useClass: SqlReadModel },
  ],
  exports: [ReadModelDatabase, ReadModelOrderQueries, ReadModelAccountQueries, ReadModel],
})
class ReadModelModule {}

/** Shows operators what the read model has parked. */
@Global()
@Module({
  imports: [ReadModelModule],
  providers: [{ provide: EventsParkedElsewhere, useClass: SqlEventsParkedByReadModel }],
  exports: [EventsParkedElsewhere],
})
export class ParkedEventsModule {}

/** A read model for the lists and balances of customers, built from events alone. */
@Module({
  imports: [ReadModelModule],
  providers: [
    AmqpFeed,
    FollowJournal,
    ProjectEvents,
    { provide: ReadModelMetrics, useClass: PrometheusReadModelMetrics },
  ],
})
export class QueryModule implements OnModuleInit {
  constructor(
    private readonly database: ReadModelDatabase,
    private readonly follow: FollowJournal,
    private readonly readiness: Readiness,
  ) {}

  onModuleInit(): void {
    this.readiness.need(
      'read-model',
      async () => (await this.database.obstacle()) ?? (await this.follow.obstacle()),
    );
  }
}

/** Answers other processes, which ask billing who exists. */
@Global()
@Module({
  imports: [ReadModelModule],
  providers: [
    { provide: OrderQueries, useExisting: ReadModelOrderQueries },
    { provide: AccountQueries, useExisting: ReadModelAccountQueries },
  ],
  exports: [OrderQueries, AccountQueries],
})
export class ReadModelAloneModule {}

/** Answers a process that knows who exists. */
@Global()
@Module({
  imports: [ReadModelModule],
  providers: [
    {
      provide: OrderQueries,
      inject: [ReadModelOrderQueries, KnownUsers],
      useFactory: (orders: OrderQueries, users: KnownUsers) =>
        new OrdersOfKnownUsers(orders, users),
    },
    {
      provide: AccountQueries,
      inject: [ReadModelAccountQueries, KnownUsers],
      useFactory: (accounts: AccountQueries, users: KnownUsers) =>
        new AccountsOfKnownUsers(accounts, users),
    },
  ],
  exports: [OrderQueries, AccountQueries],
})
export class ReadModelReadsModule {}
