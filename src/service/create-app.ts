import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { admitOrigins } from './http/browsers.js';
import { Connections } from './http/connections.js';
import { Listeners } from './http/listeners.js';
import type { Sandbox } from './http/sandbox.js';
import { AppModule } from '../app.module.js';
import type { ResolvedConfig } from '../config/settings.js';
import { KERNEL_ERRORS } from '../platform/http/api-error.js';
import { ErrorFilter } from '../platform/http/error-filter.js';
import {
  fastifyServer,
  observeRequests,
  TIMEOUTS,
  type Timeouts,
} from '../platform/http/fastify-server.js';
import { Readiness } from '../platform/observability/readiness.js';
import { PinoNestLogger } from '../platform/observability/pino-nest-logger.js';

export interface AssembledService {
  readonly app: NestFastifyApplication;
  readonly connections: Connections;
  readonly listeners: Listeners;
}

export interface AppOptions {
  /** There while the bundled simulator runs. */
  readonly sandbox?: Sandbox | undefined;
  /** How long clients may do nothing. */
  readonly timeouts?: Timeouts | undefined;
}

/** The whole service, assembled but not listening yet. The database must be migrated. */
export async function createApp(
  config: ResolvedConfig,
  logger: Logger,
  { sandbox, timeouts = TIMEOUTS }: AppOptions = {},
): Promise<AssembledService> {
  const isPortal = config.process.roles.includes('portal');
  const portal = isPortal ? await import('./http/portal.js') : undefined;
  const adapter = await fastifyServer(config.http, logger, timeouts);
  const module = {
    ...(await AppModule.forRoot(config)),
    ...(portal && sandbox && portal.withSandbox(sandbox)),
  };
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: new PinoNestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  const readiness = app.get(Readiness);
  const server = adapter.getInstance();
  const listeners = new Listeners(config.http);
  const connections = new Connections(app, listeners, timeouts);
  await admitOrigins(server, config.http, listeners);
  observeRequests(adapter, {
    logger,
    registry: app.get(Registry),
    ...(!listeners.isSingle && { isServedHere: (request) => listeners.serves(request) }),
  });
  if (portal) await portal.openPortal(app, listeners, sandbox !== undefined);
  else app.useGlobalFilters(new ErrorFilter(KERNEL_ERRORS, readiness));
  await app.init();
  return { app, connections, listeners };
}
