import { type DestinationStream, type Level, type Logger, pino, stdTimeFunctions } from 'pino';
import type { StandardOutput } from './standard-output.js';

/** What a terminal does not show: whose process it is, and what whoever typed the command knows. */
const OF_MACHINES = 'pid,hostname,settings';

/** The log of the service: a JSON object a line; where `output` is a terminal, lines for people. */
export async function serviceLog(level: Level | 'silent', output: StandardOutput): Promise<Logger> {
  const destination = output.isTerminal ? await forPeople(output) : output;
  const logger = pino({ level, timestamp: stdTimeFunctions.isoTime }, destination);
  output.reportLossBy((lost) =>
    logger.warn({ lost }, 'lines of the log are missing here: they could not be written'),
  );
  return logger;
}

/** Written by `output` too, which never waits: pino-pretty’s own stream would. */
async function forPeople(output: StandardOutput): Promise<DestinationStream> {
  // Loaded here: most processes have no terminal.
  const { prettyFactory } = await import('pino-pretty');
  const pretty = prettyFactory({
    ignore: OF_MACHINES,
    translateTime: 'SYS:HH:MM:ss.l',
    singleLine: true,
  });
  return { write: (line) => output.write(pretty(line)) };
}
