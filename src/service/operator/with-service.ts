import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { AppModule } from '../../app.module.js';
import { type Config, resolveConfig } from '../../config/settings.js';
import { PinoNestLogger } from '../../platform/observability/pino-nest-logger.js';
import { Readiness } from '../../platform/observability/endpoints.js';

/**
 * One statement after another is all that a command needs, and the smallest pool that a service may
 * have.
 */
const POOL = 3;

/**
 * Assembles the service on a database, without its sockets, its worker and its schedule, lends its
 * parts to `use`, and takes it apart again.
 */
export async function withService<T>(
  config: Config,
  databaseUri: string,
  use: (service: INestApplicationContext) => Promise<T>,
): Promise<T> {
  const resolved = resolveConfig(config, {
    databaseUri,
    accrualAddress: config.cashback.accrualAddress ?? '',
    jwtSecret: config.auth.jwtSecret ?? '',
  });
  const module = AppModule.forRoot(
    {
      ...resolved,
      postgres: { ...resolved.postgres, pool: POOL },
      cashback: { ...resolved.cashback, enabled: false },
      reconciliation: { intervalMs: 0 },
    },
    {
      registry: new Registry(),
      readiness: new Readiness(),
    },
  );
  // stdout is for the command's own words.
  const logger = new PinoNestLogger(
    pino({ level: config.process.logLevel === 'debug' ? 'debug' : 'error' }, pino.destination(2)),
  );
  const service = await NestFactory.createApplicationContext(module, {
    logger,
    abortOnError: false,
  });
  try {
    return await use(service);
  } finally {
    await service.close();
  }
}
