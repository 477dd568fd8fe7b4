import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/**
 * What Nest and TypeORM have to say goes to the same place, in the same form, as the service's own
 * lines.
 */
export class PinoNestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  /** Nest's start-up chatter, a line per route, is detail here. */
  log(message: unknown, ...rest: unknown[]): void {
    this.logger.debug(...line(message, rest));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.logger.error(...line(message, rest));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.logger.warn(...line(message, rest));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.logger.debug(...line(message, rest));
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.logger.trace(...line(message, rest));
  }
}

/** Nest passes the context last; errors come as objects or as a message followed by a stack. */
function line(message: unknown, rest: unknown[]): [object, string] {
  const context = typeof rest.at(-1) === 'string' ? rest.at(-1) : undefined;
  if (message instanceof Error) return [{ context, err: message }, message.message];
  // Nest's `Logger.error(message)` passes on the stack that it was not given.
  const details = rest
    .slice(0, context === undefined ? undefined : -1)
    .filter((each) => each !== undefined);
  return [
    { context, ...(details.length > 0 && { details }) },
    typeof message === 'string' ? message : JSON.stringify(message),
  ];
}
