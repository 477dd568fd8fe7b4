import { type DynamicModule, type FactoryProvider, Global, Logger, Module } from '@nestjs/common';
import type { ErrorRows } from '../http/api-error.js';
import { Readiness } from '../observability/readiness.js';
import { BillingClient, QueryClient } from './rpc-client.js';
import { RpcErrors } from './rpc-errors.js';
import { RpcServer } from './rpc-server.js';
import { RpcSettings } from './rpc.settings.js';

const CLIENTS = {
  billing: { Client: BillingClient, main: 'users.proto/Users' },
  query: { Client: QueryClient, main: 'orders.proto/OrderQueries' },
} as const;

/** What a process has to do with others by gRPC. */
export interface RpcParts {
  /** It serves them. */
  readonly isServer: boolean;
  /** Tools may ask the server what it serves. */
  readonly isReflected: boolean;
  /** The roles that it calls. */
  readonly calls: readonly (keyof typeof CLIENTS)[];
}

/** The gRPC server, to which the doors of modules add their services, and clients of others. */
@Global()
@Module({})
export class RpcModule {
  static forRoot(rows: ErrorRows, { isServer, isReflected, calls }: RpcParts): DynamicModule {
    const logger = new Logger('gRPC');
    const report = (error: unknown, isFault: boolean): void =>
      isFault
        ? logger.error(error, 'a call failed')
        : logger.warn(`a call could not be served: ${(error as Error).message}`);
    const server: FactoryProvider = {
      provide: RpcServer,
      inject: [RpcSettings, RpcErrors, Readiness],
      useFactory: (settings: RpcSettings, errors: RpcErrors, readiness: Readiness) =>
        new RpcServer(settings, errors, readiness, isReflected),
    };
    const parts = [...(isServer ? [server] : []), ...calls.map(clientOf)];
    return {
      module: RpcModule,
      providers: [{ provide: RpcErrors, useFactory: () => new RpcErrors(rows, report) }, ...parts],
      exports: [RpcErrors, ...parts.map(({ provide }) => provide)],
    };
  }
}

/** The process is ready only while the other one is. */
function clientOf(role: keyof typeof CLIENTS): FactoryProvider {
  const { Client, main } = CLIENTS[role];
  return {
    provide: Client,
    inject: [RpcSettings, Readiness],
    useFactory: (settings: RpcSettings, readiness: Readiness) => {
      const address = settings[role];
      if (!address) throw new Error(`it is not configured where ${role} is`);
      const client = new Client(role, main, address, settings);
      readiness.need(role, () => client.obstacle());
      return client;
    },
  };
}
