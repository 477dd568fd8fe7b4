import { type DynamicModule, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { AccountHttpModule, AccountModule, AccountTablesModule } from './account/index.js';
import { AuthHttpModule, AuthModule } from './auth/index.js';
import { CashbackModule } from './cashback/index.js';
import { ConfigModule } from './config/config.module.js';
import { isOnTheBooks, type Role } from './config/roles.js';
import type { ResolvedConfig } from './config/settings.js';
import { JournalModule, RelayModule } from './journal/index.js';
import { OrdersHttpModule, OrdersModule, OrderTablesModule } from './orders/index.js';
import { PlatformModule, PostgresModule } from './platform/platform.module.js';
import { QueryModule, ReadsFromReadModel } from './query/index.js';
import { ReconciliationModule } from './reconciliation/index.js';

/** Where the lists and balances of a portal come from, if it has no read model beside it. */
const READS_FROM_BOOKS = [OrderTablesModule, AccountTablesModule];

/**
 * The table of contents: which modules a process has in its roles. Ports are global, and exactly
 * one module serves each; who needs one does not know which.
 */
@Module({})
export class AppModule {
  static forRoot(config: ResolvedConfig): DynamicModule {
    const { roles } = config.process;
    const as = (role: Role, modules: DynamicModule['imports'] = []): typeof modules =>
      roles.includes(role) ? modules : [];
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(config),
        ScheduleModule.forRoot(),
        PlatformModule,
        ...(isOnTheBooks(roles) ? [PostgresModule.forRoot(config.postgres), JournalModule] : []),
        ...(roles.includes('billing') || roles.includes('accrual')
          ? [AuthModule, OrdersModule, AccountModule, CashbackModule]
          : []),
        ...as('billing', [ReconciliationModule]),
        ...as('relay', [RelayModule]),
        ...as('portal', [AuthHttpModule, OrdersHttpModule, AccountHttpModule]),
        ...as('portal', roles.includes('query') ? [ReadsFromReadModel] : READS_FROM_BOOKS),
        ...as('query', [QueryModule]),
      ],
    };
  }
}
