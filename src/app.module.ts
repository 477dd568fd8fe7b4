import { type DynamicModule, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import {
  ACCOUNT_ERRORS,
  AccountHttpModule,
  AccountModule,
  AccountReadsRpcModule,
  AccountRpcModule,
  AccountTablesModule,
} from './account/index.js';
import { AUTH_ERRORS, AuthHttpModule, AuthModule, AuthRpcModule } from './auth/index.js';
import { CashbackModule } from './cashback/index.js';
import { ConfigModule } from './config/config.module.js';
import { isOnTheBooks, type Role } from './config/roles.js';
import type { ResolvedConfig } from './config/settings.js';
import { JournalModule, RelayModule } from './journal/index.js';
import {
  ORDERS_ERRORS,
  OrderReadsRpcModule,
  OrdersHttpModule,
  OrdersModule,
  OrdersRpcModule,
  OrderTablesModule,
} from './orders/index.js';
import { type ErrorRows, KERNEL_ERRORS } from './platform/http/api-error.js';
import { RpcModule } from './platform/rpc/rpc.module.js';
import { PlatformModule, PostgresModule } from './platform/platform.module.js';
import { QueryModule, ReadModelAloneModule, ReadsFromReadModel } from './query/index.js';
import { ReconciliationModule } from './reconciliation/index.js';

/** Every error that a client can meet, by its code. */
export const API_ERRORS: ErrorRows = {
  ...KERNEL_ERRORS,
  ...AUTH_ERRORS,
  ...ORDERS_ERRORS,
  ...ACCOUNT_ERRORS,
};

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
        ...as('query', [QueryModule]),
        ...readsOf(roles),
        ...(config.rpc.address ? rpcOf(config) : []),
      ],
    };
  }
}

/** Where lists and balances come from: the read model, if there is one, or else the books. */
function readsOf(roles: readonly Role[]): NonNullable<DynamicModule['imports']> {
  const isBilling = roles.includes('billing');
  if (roles.includes('query')) return [isBilling ? ReadsFromReadModel : ReadModelAloneModule];
  return isBilling ? [OrderTablesModule, AccountTablesModule] : [];
}

/** What other processes may ask of this one. */
function rpcOf({ process }: ResolvedConfig): NonNullable<DynamicModule['imports']> {
  const { roles, environment } = process;
  const isBilling = roles.includes('billing');
  if (!isBilling && !roles.includes('query')) return [];
  return [
    RpcModule.forRoot(API_ERRORS, environment !== 'production'),
    OrderReadsRpcModule,
    AccountReadsRpcModule,
    ...(isBilling ? [AuthRpcModule, OrdersRpcModule, AccountRpcModule] : []),
  ];
}
