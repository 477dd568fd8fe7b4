import { type DynamicModule, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { ConfigModule } from './config/config.module.js';
import { isOnTheBooks, type Role } from './config/roles.js';
import type { ResolvedConfig } from './config/settings.js';
import { PlatformModule } from './platform/platform.module.js';

/** Some modules of a process, which belong together. */
interface Part {
  /** Whether a process has them. */
  readonly of: (config: ResolvedConfig) => boolean;
  /** Loads their code: what a process does not do takes no memory in it. */
  readonly load: (config: ResolvedConfig) => Promise<NonNullable<DynamicModule['imports']>>;
}

/**
 * The table of contents: which modules a process has in its roles. Ports are global, and exactly
 * one module serves each; who needs one does not know which.
 */
const PARTS: readonly Part[] = [
  {
    of: ({ process: { roles } }) => isOnTheBooks(roles),
    load: async ({ postgres }) => {
      const { PostgresModule } = await import('./platform/postgres/postgres.module.js');
      const { JournalModule } = await import('./journal/journal.module.js');
      return [PostgresModule.forRoot(postgres), JournalModule];
    },
  },
  {
    of: (config) => is('billing', config) || is('accrual', config),
    load: async () => {
      const { OrderSettlementModule } = await import('./orders/orders.module.js');
      const { CreditsModule } = await import('./account/account.module.js');
      const { CashbackModule } = await import('./cashback/cashback.module.js');
      return [OrderSettlementModule, CreditsModule, CashbackModule];
    },
  },
  {
    of: (config) => is('billing', config),
    load: async () => {
      const { AuthModule } = await import('./auth/auth.module.js');
      const { OrdersModule } = await import('./orders/orders.module.js');
      const { AccountModule } = await import('./account/account.module.js');
      const { CustomersModule } = await import('./customers/customers.module.js');
      const { ReconciliationModule } = await import('./reconciliation/reconciliation.module.js');
      const { LiveTablesModule } = await import('./live/live.module.js');
      return [
        AuthModule,
        OrdersModule,
        AccountModule,
        CustomersModule,
        ReconciliationModule,
        LiveTablesModule,
      ];
    },
  },
  {
    of: (config) => is('relay', config),
    load: async () => [(await import('./journal/relay.module.js')).RelayModule],
  },
  {
    of: (config) => is('portal', config),
    load: async () => {
      const { AuthHttpModule } = await import('./auth/auth-http.module.js');
      const { OrdersHttpModule } = await import('./orders/orders-http.module.js');
      const { AccountHttpModule } = await import('./account/account-http.module.js');
      const { LiveHttpModule } = await import('./live/live-http.module.js');
      return [AuthHttpModule, OrdersHttpModule, AccountHttpModule, LiveHttpModule];
    },
  },
  {
    of: isFarFromBilling,
    load: async () => {
      const { RemoteAuthModule } = await import('./auth/auth-rpc.module.js');
      const { RemoteOrdersModule } = await import('./orders/orders-rpc.module.js');
      const { RemoteAccountModule } = await import('./account/account-rpc.module.js');
      const { RemoteLiveModule } = await import('./live/live-rpc.module.js');
      return [RemoteAuthModule, RemoteOrdersModule, RemoteAccountModule, RemoteLiveModule];
    },
  },
  {
    of: (config) => is('query', config),
    load: async (config) => {
      const { QueryModule, ReadModelAloneModule, ReadModelReadsModule } =
        await import('./query/query.module.js');
      const knowsUsers = is('billing', config) || is('portal', config);
      return [QueryModule, knowsUsers ? ReadModelReadsModule : ReadModelAloneModule];
    },
  },
  {
    of: (config) => readsOf(config) === 'read model elsewhere',
    load: async () => [(await import('./query/query-rpc.module.js')).RemoteReadModelReadsModule],
  },
  {
    of: (config) => readsOf(config) === 'books elsewhere',
    load: async () => {
      const { RemoteOrderReadsModule } = await import('./orders/orders-rpc.module.js');
      const { RemoteAccountReadsModule } = await import('./account/account-rpc.module.js');
      return [RemoteOrderReadsModule, RemoteAccountReadsModule];
    },
  },
  {
    of: (config) => readsOf(config) === 'books',
    load: async () => {
      const { OrderTablesModule } = await import('./orders/orders.module.js');
      const { AccountTablesModule } = await import('./account/account.module.js');
      return [OrderTablesModule, AccountTablesModule];
    },
  },
  {
    of: (config) => isServer(config) || isFarFromBilling(config) || isFarFromReads(config),
    load: async (config) => {
      const { RpcModule } = await import('./platform/grpc/rpc.module.js');
      const { API_ERRORS } = await import('./api-errors.js');
      return [
        RpcModule.forRoot(API_ERRORS, {
          isServer: isServer(config),
          isReflected: config.process.environment !== 'production',
          calls: [
            ...(isFarFromBilling(config) ? (['billing'] as const) : []),
            ...(isFarFromReads(config) ? (['query'] as const) : []),
          ],
        }),
      ];
    },
  },
  {
    of: (config) => isServer(config) && is('billing', config),
    load: async () => {
      const { AuthRpcModule } = await import('./auth/auth-rpc.module.js');
      const { OrdersRpcModule } = await import('./orders/orders-rpc.module.js');
      const { AccountRpcModule } = await import('./account/account-rpc.module.js');
      const { LiveRpcModule } = await import('./live/live-rpc.module.js');
      return [AuthRpcModule, OrdersRpcModule, AccountRpcModule, LiveRpcModule];
    },
  },
  {
    of: isServer,
    load: async () => {
      const { OrderReadsRpcModule } = await import('./orders/orders-rpc.module.js');
      const { AccountReadsRpcModule } = await import('./account/account-rpc.module.js');
      return [OrderReadsRpcModule, AccountReadsRpcModule];
    },
  },
];

@Module({})
export class AppModule {
  static async forRoot(config: ResolvedConfig): Promise<DynamicModule> {
    const modules: DynamicModule['imports'] = [];
    for (const part of PARTS) if (part.of(config)) modules.push(...(await part.load(config)));
    return {
      module: AppModule,
      imports: [ConfigModule.forRoot(config), ScheduleModule.forRoot(), PlatformModule, ...modules],
    };
  }
}

function is(role: Role, { process: { roles } }: ResolvedConfig): boolean {
  return roles.includes(role);
}

/** Portals call billing in another process. */
function isFarFromBilling(config: ResolvedConfig): boolean {
  return is('portal', config) && !is('billing', config);
}

/** Portals call the read model in another process. */
function isFarFromReads(config: ResolvedConfig): boolean {
  return is('portal', config) && !is('query', config) && config.rpc.query !== undefined;
}

type Reads = 'read model' | 'read model elsewhere' | 'books' | 'books elsewhere';

/** Where lists and balances come from: the read model, if there is one, or else the books. */
function readsOf(config: ResolvedConfig): Reads | undefined {
  if (is('query', config)) return 'read model';
  if (isFarFromReads(config)) return 'read model elsewhere';
  if (isFarFromBilling(config)) return 'books elsewhere';
  return is('billing', config) ? 'books' : undefined;
}

/** Other processes may ask this one. */
function isServer(config: ResolvedConfig): boolean {
  return config.rpc.address !== undefined && (is('billing', config) || is('query', config));
}
