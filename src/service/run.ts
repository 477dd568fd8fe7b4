import 'reflect-metadata';
import { once } from 'node:events';
import type { Logger } from 'pino';
import { serviceCommandLine } from '../config/command-line.js';
import { ConfigProblems, processSources, readConfig } from '../config/read-config.js';
import type { Config } from '../config/settings.js';
import { serviceLog } from '../platform/observability/service-log.js';
import { stderr, stdout } from '../platform/observability/standard-output.js';
import { startService } from './start.js';

/** How long an end waits for a reader of its last lines that is behind, in milliseconds. */
const SAID_WITHIN_MS = 500;

/**
 * Runs the service as this process until `stopping` is aborted, and ends the process: with 0, or
 * with 1 when something went wrong.
 */
export async function runService(stopping: AbortSignal): Promise<never> {
  const config = await configOrExit();
  const logger = await serviceLog(config.process.logLevel, stdout);
  process.on('unhandledRejection', (error) =>
    logger.error({ err: error }, 'a rejection was not handled'),
  );
  try {
    const service = await startService(config, logger, stopping);
    if (!stopping.aborted) await once(stopping, 'abort');
    logger.info({ signal: stopping.reason as unknown }, 'stopping');
    const stoppingSince = performance.now();
    await service.stop();
    logger.info({ ms: Math.round(performance.now() - stoppingSince) }, 'stopped');
  } catch (error) {
    if (!stopping.aborted) return exitWith(error, logger);
    logger.info(
      { signal: stopping.reason as unknown, err: error },
      'stopped before it had started',
    );
  }
  return exit(0);
}

async function configOrExit(): Promise<Config> {
  const commandLine = serviceCommandLine()
    .configureOutput({ writeOut: (text) => stdout.write(text) })
    .read(process.argv.slice(2));
  if (!commandLine) return exit(0);
  try {
    return readConfig({ ...processSources(), commandLine });
  } catch (error) {
    if (!(error instanceof ConfigProblems)) throw error;
    stderr.write(`${error.message}\n`);
    return exit(1);
  }
}

function exitWith(error: unknown, logger: Logger): Promise<never> {
  stderr.write(
    `Gophermart cannot start: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  logger.debug({ err: error });
  return exit(1);
}

async function exit(code: number): Promise<never> {
  await Promise.all([stdout, stderr].map((each) => each.settled(SAID_WITHIN_MS)));
  process.exit(code);
}
