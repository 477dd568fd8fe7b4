import { type DynamicModule, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import {
  ACCOUNT_ERRORS,
  AccountHttpModule,
  AccountModule,
  AccountReadsRpcModule,
  AccountRpcModule,
  AccountTablesModule,
  CreditsModule,
  RemoteAccountModule,
  RemoteAccountReadsModule,
} from './account/index.js';
import {
  AUTH_ERRORS,
  AuthHttpModule,
  AuthModule,
  AuthRpcModule,
  RemoteAuthModule,
} from './auth/index.js';
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
  OrderSettlementModule,
  OrderTablesModule,
  RemoteOrderReadsModule,
  RemoteOrdersModule,
} from './orders/index.js';
import { type ErrorRows, KERNEL_ERRORS } from './platform/http/api-error.js';
import { RpcModule } from './platform/rpc/rpc.module.js';
import { PlatformModule, PostgresModule } from './platform/platform.module.js';
import {
  QueryModule,
  ReadModelAloneModule,
  ReadsFromReadModel,
  RemoteReadsFromReadModel,
} from './query/index.js';
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
    const isWithQueue = roles.includes('billing') || roles.includes('accrual');
    const as = (role: Role, modules: DynamicModule['imports'] = []): typeof modules =>
      roles.includes(role) ? modules : [];
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(config),
        ScheduleModule.forRoot(),
        PlatformModule,
        ...(isOnTheBooks(roles) ? [PostgresModule.forRoot(config.postgres), JournalModule] : []),
        ...(isWithQueue ? [OrderSettlementModule, CreditsModule, CashbackModule] : []),
        ...as('billing', [AuthModule, OrdersModule, AccountModule, ReconciliationModule]),
        ...as('relay', [RelayModule]),
        ...as('portal', [AuthHttpModule, OrdersHttpModule, AccountHttpModule]),
        ...(isFarFromBilling(config)
          ? [RemoteAuthModule, RemoteOrdersModule, RemoteAccountModule]
          : []),
        ...as('query', [QueryModule]),
        ...readsOf(config),
        ...rpcOf(config),
      ],
    };
  }
}

/** Portals call billing in another process. */
function isFarFromBilling({ process: { roles } }: ResolvedConfig): boolean {
  return roles.includes('portal') && !roles.includes('billing');
}

/** Portals call the read model in another process. */
function isFarFromReads({ process: { roles }, rpc }: ResolvedConfig): boolean {
  return roles.includes('portal') && !roles.includes('query') && rpc.query !== undefined;
}

/** Where lists and balances come from: the read model, if there is one, or else the books. */
function readsOf(config: ResolvedConfig): NonNullable<DynamicModule['imports']> {
  const { roles } = config.process;
  if (roles.includes('query'))
    return [knowsUsers(roles) ? ReadsFromReadModel : ReadModelAloneModule];
  if (isFarFromReads(config)) return [RemoteReadsFromReadModel];
  if (isFarFromBilling(config)) return [RemoteOrderReadsModule, RemoteAccountReadsModule];
  return roles.includes('billing') ? [OrderTablesModule, AccountTablesModule] : [];
}

function knowsUsers(roles: readonly Role[]): boolean {
  return roles.includes('billing') || roles.includes('portal');
}

/** What other processes may ask of this one, and what it asks of them. */
function rpcOf(config: ResolvedConfig): NonNullable<DynamicModule['imports']> {
  const { roles, environment } = config.process;
  const isBilling = roles.includes('billing');
  const isServer = config.rpc.address !== undefined && (isBilling || roles.includes('query'));
  return [
    RpcModule.forRoot(API_ERRORS, {
      isServer,
      isReflected: environment !== 'production',
      calls: [
        ...(isFarFromBilling(config) ? (['billing'] as const) : []),
        ...(isFarFromReads(config) ? (['query'] as const) : []),
      ],
    }),
    ...(isServer && isBilling ? [AuthRpcModule, OrdersRpcModule, AccountRpcModule] : []),
    ...(isServer ? [OrderReadsRpcModule, AccountReadsRpcModule] : []),
  ];
}
