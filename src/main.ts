import 'reflect-metadata';
import { resolve } from 'node:path';
import { pino } from 'pino';
import { ConfigProblems, processSources, readConfig } from './config/read-config.js';
import type { Config } from './config/settings.js';
import { startService } from './start-service.js';

/** SPEC: exit 0 within 10 s of a signal; past this something hangs, and an operator's supervisor would kill us less kindly. */
const STOP_WITHIN_MS = 9_500;

function configOrExit(): Config {
  try {
    return readConfig(processSources());
  } catch (error) {
    if (!(error instanceof ConfigProblems)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

const config = configOrExit();
const logger = pino({ level: config.logLevel });

process.on('unhandledRejection', (error) => logger.error({ err: error }, 'a rejection was not handled'));

const starting = startService({ ...config, dataFolder: resolve(config.dataFolder) }, logger);
starting.catch((error: unknown) => {
  console.error(`Gophermart cannot start: ${error instanceof Error ? error.message : String(error)}`);
  logger.debug({ err: error });
  process.exit(1);
});

let stopping = false;
function stop(signal: NodeJS.Signals): void {
  // npm hands on what the terminal has sent to us already: the second one of a pair means nothing new.
  if (stopping) return;
  stopping = true;
  logger.info({ signal }, 'stopping');
  setTimeout(() => {
    logger.error(`still not stopped after ${STOP_WITHIN_MS} ms`);
    process.exit(1);
  }, STOP_WITHIN_MS).unref();
  void starting
    .then((service) => service.stop())
    .then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'the stop failed');
        process.exit(1);
      },
    );
}
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
