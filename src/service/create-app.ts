import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { isApiDocument, serveApiDocument } from './api-document.js';
import { Connections } from './connections.js';
import { Sandbox, SandboxController } from './sandbox.js';
import { ACCOUNT_ERRORS } from '../account/index.js';
import { AppModule } from '../app.module.js';
import { AUTH_ERRORS, Authentication, KnownUserFilter, KnownUsers } from '../auth/index.js';
import type { ResolvedConfig } from '../config/settings.js';
import { ORDERS_ERRORS } from '../orders/index.js';
import { type ErrorRows, KERNEL_ERRORS } from '../platform/http/api-error.js';
import { ErrorFilter } from '../platform/http/error-filter.js';
import { fastifyServer, observeRequests } from '../platform/http/fastify-server.js';
import { Readiness } from '../platform/observability/endpoints.js';
import { PinoNestLogger } from '../platform/observability/pino-nest-logger.js';

/** Every error that a client can meet, by its code. */
export const API_ERRORS: ErrorRows = {
  ...KERNEL_ERRORS,
  ...AUTH_ERRORS,
  ...ORDERS_ERRORS,
  ...ACCOUNT_ERRORS,
};

export interface AssembledService {
  readonly app: NestFastifyApplication;
  readonly connections: Connections;
}

/**
 * The whole service, assembled but not listening yet. The database must be migrated.
 *
 * @param sandbox is there while the bundled simulator runs.
 */
export async function createApp(
  config: ResolvedConfig,
  logger: Logger,
  sandbox?: Sandbox,
): Promise<AssembledService> {
  const adapter = await fastifyServer(config.http, logger);
  const module = {
    ...AppModule.forRoot(config),
    ...(sandbox && {
      controllers: [SandboxController],
      providers: [{ provide: Sandbox, useValue: sandbox }],
    }),
  };
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: new PinoNestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  const readiness = app.get(Readiness);
  const connections = new Connections(app);
  observeRequests(adapter, { logger, registry: app.get(Registry) });
  const users = app.get(KnownUsers, { strict: false });
  app.useGlobalFilters(new KnownUserFilter(users, new ErrorFilter(API_ERRORS, readiness)));
  app.get(Authentication, { strict: false }).closeRoutes(adapter.getInstance(), isApiDocument);
  serveApiDocument(app);
  await app.init();
  return { app, connections };
}
