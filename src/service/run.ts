import 'reflect-metadata';
import { once } from 'node:events';
import { type Logger, pino } from 'pino';
import { ConfigProblems, processSources, readConfig } from '../config/read-config.js';
import type { Config } from '../config/settings.js';
import { startService } from './start.js';

/**
 * Runs the service as this process until `stopping` is aborted, and ends the process: with 0, or
 * with 1 when something went wrong.
 */
export async function runService(stopping: AbortSignal): Promise<never> {
  const config = configOrExit();
  const logger = pino({ level: config.process.logLevel });
  process.on('unhandledRejection', (error) =>
    logger.error({ err: error }, 'a rejection was not handled'),
  );
  try {
    const service = await startService(config, logger, stopping);
    if (!stopping.aborted) await once(stopping, 'abort');
    logger.info({ signal: stopping.reason as unknown }, 'stopping');
    await service.stop();
  } catch (error) {
    if (!stopping.aborted) exitWith(error, logger);
    logger.info(
      { signal: stopping.reason as unknown, err: error },
      'stopped before it had started',
    );
  }
  process.exit(0);
}

function configOrExit(): Config {
  try {
    return readConfig(processSources());
  } catch (error) {
    if (!(error instanceof ConfigProblems)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

function exitWith(error: unknown, logger: Logger): never {
  console.error(
    `Gophermart cannot start: ${error instanceof Error ? error.message : String(error)}`,
  );
  logger.debug({ err: error });
  process.exit(1);
}
