import { type DynamicModule, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountModule } from './account/index.js';
import { AuthModule } from './auth/index.js';
import { CashbackModule } from './cashback/index.js';
import { ConfigModule, type Resolved } from './config/config.module.js';
import type { Config } from './config/settings.js';
import { dataSourceOptions } from './platform/postgres/connect.js';
import { OrdersModule } from './orders/index.js';
import { ReconciliationModule } from './reconciliation/index.js';
import { type Observed, SharedModule } from './platform/platform.module.js';

/** The table of contents. */
@Module({})
export class AppModule {
  static forRoot(config: Config, resolved: Resolved, observed: Observed): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(config, resolved),
        TypeOrmModule.forRoot(dataSourceOptions(resolved.databaseUri, config.databasePool)),
        ScheduleModule.forRoot(),
        SharedModule.forRoot(observed),
        AuthModule,
        OrdersModule,
        AccountModule,
        CashbackModule,
        ReconciliationModule,
      ],
    };
  }
}
