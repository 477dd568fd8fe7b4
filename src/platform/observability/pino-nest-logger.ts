import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** Who says at the start what it has put together, a line per route: detail here. */
const CHATTERS: readonly unknown[] = [
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
];

/**
 * What Nest, TypeORM and the modules have to say goes to the same place, in the same form, as the
 * lines of the process itself. An object behind the message gives the line fields:
 * `logger.warn('parked', { order })`.
 */
export class PinoNestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    const level = CHATTERS.includes(rest.at(-1)) ? 'debug' : 'info';
    this.logger[level](...line(message, rest));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.logger.error(...line(message, rest));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.logger.warn(...line(message, rest));
  }

  /** Each credited order has such lines: where nobody wants them, they are not made either. */
  debug(message: unknown, ...rest: unknown[]): void {
    if (this.logger.isLevelEnabled('debug')) this.logger.debug(...line(message, rest));
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    if (this.logger.isLevelEnabled('trace')) this.logger.trace(...line(message, rest));
  }
}

/** Nest passes the context last; errors come as objects or as a message followed by a stack. */
function line(message: unknown, rest: unknown[]): [object, string] {
  const context = typeof rest.at(-1) === 'string' ? rest.at(-1) : undefined;
  if (message instanceof Error) return [{ context, err: message }, message.message];
  // Nest's `Logger.error(message)` passes on the stack that it was not given.
  const others = rest
    .slice(0, context === undefined ? undefined : -1)
    .filter((each) => each !== undefined);
  const fields = others
    .filter((each) => typeof each === 'object')
    .map((each) => (each instanceof Error ? { err: each } : each));
  const details = others.filter((each) => typeof each !== 'object');
  return [
    Object.assign({ context }, ...fields, details.length > 0 && { details }) as object,
    typeof message === 'string' ? message : JSON.stringify(message),
  ];
}
