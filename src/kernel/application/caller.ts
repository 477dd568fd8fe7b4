import { DomainError } from '../domain/domain-error.js';

/** The client that waits for the answer to a command. */
export interface Caller {
  /** Where it calls from, for limits by address: an IPv4 address, or a /64 network of IPv6. */
  readonly address: string;
  /**
   * The connection was closed, so nobody hears the answer. The caller may have sent the same
   * command again by another connection.
   */
  readonly isDisconnected: boolean;
}

/** Nobody waits for the answer any more: the command was dropped before anything was done. */
export class ClientDisconnected extends DomainError {
  readonly code = 'client-disconnected';
  readonly kind = 'malformed';

  constructor() {
    super('the client disconnected before its turn came');
  }
}

/** @throws ClientDisconnected */
export function throwIfDisconnected(caller: Caller): void {
  if (caller.isDisconnected) throw new ClientDisconnected();
}

/**
 * Resolves at the end of this turn of the event loop, when every socket has been read that was
 * readable in it. After that `isDisconnected` is true for all who had left when the turn began.
 *
 * Without it the answer of the database may be read before the end of a client's connection that
 * arrived first: a turn reads one socket after another, in no order that we know.
 */
export function untilSocketsAreRead(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
