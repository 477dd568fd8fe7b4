import { type DynamicModule, Global, Logger, Module } from '@nestjs/common';
import type { ErrorRows } from '../http/api-error.js';
import { Readiness } from '../observability/readiness.js';
import { RpcErrors } from './rpc-errors.js';
import { RpcServer } from './rpc-server.js';
import { RpcSettings } from './rpc.settings.js';

/** The gRPC server, to which the doors of modules add their services. */
@Global()
@Module({})
export class RpcModule {
  /** @param isReflected tools may ask the server what it serves. */
  static forRoot(rows: ErrorRows, isReflected: boolean): DynamicModule {
    const logger = new Logger('gRPC');
    const report = (error: unknown, isFault: boolean): void =>
      isFault
        ? logger.error(error, 'a call failed')
        : logger.warn(`a call could not be served: ${(error as Error).message}`);
    return {
      module: RpcModule,
      providers: [
        { provide: RpcErrors, useFactory: () => new RpcErrors(rows, report) },
        {
          provide: RpcServer,
          inject: [RpcSettings, RpcErrors, Readiness],
          useFactory: (settings: RpcSettings, errors: RpcErrors, readiness: Readiness) =>
            new RpcServer(settings, errors, readiness, isReflected),
        },
      ],
      exports: [RpcErrors, RpcServer],
    };
  }
}
