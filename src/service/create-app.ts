import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Logger, pino } from 'pino';
import { Registry } from 'prom-client';
import { serveApiDocument } from './api-document.js';
import { AppModule } from '../app.module.js';
import { ExpressLanes } from '../auth/index.js';
import type { ResolvedConfig } from '../config/settings.js';
import { fastifyServer } from '../platform/http/fastify-server.js';
import { Readiness } from '../platform/observability/endpoints.js';
import { PinoNestLogger } from '../platform/observability/pino-nest-logger.js';

/** The whole service, assembled but not listening yet. The database must be migrated. */
export async function createApp(
  config: ResolvedConfig,
  logger: Logger = pino({ level: config.process.logLevel }),
): Promise<NestFastifyApplication> {
  const registry = new Registry();
  const readiness = new Readiness();
  const adapter = await fastifyServer({
    logger,
    registry,
    readiness,
    trustProxy: config.http.trustProxy,
  });
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(config, { registry, readiness }),
    adapter,
    {
      logger: new PinoNestLogger(logger),
      bodyParser: false,
      abortOnError: false,
    },
  );
  serveApiDocument(app);
  app.get(ExpressLanes, { strict: false }).open(adapter.getInstance());
  await app.init();
  return app;
}
