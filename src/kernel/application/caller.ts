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
  /** Who finds out whether it is there; several callers may share one. */
  readonly presence: Presence;
}

/** Knows which of its callers are there. */
export interface Presence {
  /**
   * Resolves when `isDisconnected` is true for all its callers who had left when it was called.
   * Never rejects: of whom nothing can be found out any more, they have left. Where another process
   * has to be asked it takes a second at most, for this is awaited inside a transaction.
   */
  refresh(): Promise<void>;
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
 * Callers at sockets of this process. It takes until the end of this turn of the event loop, when
 * every socket has been read that was readable in it.
 *
 * Without it the answer of the database may be read before the end of a client's connection that
 * arrived first: a turn reads one socket after another, in no order that we know.
 */
export const SOCKETS: Presence = {
  refresh: () => new Promise((resolve) => setImmediate(resolve)),
};

/** Finds out, of all at once, who has left. */
export async function refreshAll(callers: readonly Caller[]): Promise<void> {
  const presences = new Set(callers.map(({ presence }) => presence));
  await Promise.all([...presences].map((presence) => presence.refresh()));
}
