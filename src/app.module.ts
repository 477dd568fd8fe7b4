import { type DynamicModule, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountModule } from './account/index.js';
import { AuthModule } from './auth/index.js';
import { CashbackModule } from './cashback/index.js';
import { ConfigModule } from './config/config.module.js';
import type { ResolvedConfig } from './config/settings.js';
import { JournalModule } from './journal/index.js';
import { dataSourceOptions } from './platform/postgres/connect.js';
import { OrdersModule } from './orders/index.js';
import { ReconciliationModule } from './reconciliation/index.js';
import { PlatformModule } from './platform/platform.module.js';

/** The table of contents. */
@Module({})
export class AppModule {
  static forRoot(config: ResolvedConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(config),
        TypeOrmModule.forRoot(dataSourceOptions(config.postgres.uri, config.postgres.pool)),
        ScheduleModule.forRoot(),
        PlatformModule,
        AuthModule,
        OrdersModule,
        AccountModule,
        CashbackModule,
        JournalModule,
        ReconciliationModule,
      ],
    };
  }
}
