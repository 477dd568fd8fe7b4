/** What of a socket tells whether its client reads. */
export interface WatchedSocket {
  /** Bytes that were to be written, those that wait included. */
  readonly bytesWritten: number;
  /** Bytes that wait. */
  readonly writableLength: number;
  /** Nothing more is to be written: our side of the connection is closed, or about to be. */
  readonly writableEnded: boolean;
  destroy(): unknown;
}

interface Standstill {
  /** How much of what was to be written the client, or the network, had taken. */
  readonly taken: number;
  /** By the monotonic clock, in milliseconds. */
  readonly sinceMs: number;
}

/**
 * Cuts connections whose clients do nothing any more: one that takes nothing of a reply for
 * `unreadMs`, and one that leaves its side open for `lingerMs` after ours was closed. Node cuts
 * only those that send nothing.
 *
 * A client that reads slowly is not cut, as far as the operating system shows that it reads: its
 * own buffers take some hundred kilobytes, and report when a third of them is free again.
 *
 * All connections are looked at together, once in a while, so a request costs nothing.
 */
export class StuckConnections {
  readonly #standing = new WeakMap<WatchedSocket, Standstill>();

  constructor(
    private readonly unreadMs: number,
    private readonly lingerMs: number,
  ) {}

  /** @param nowMs by the monotonic clock. */
  cut(open: Iterable<WatchedSocket>, nowMs: number): void {
    for (const socket of open) {
      const isUnread = socket.writableLength > 0;
      if (!isUnread && !socket.writableEnded) {
        this.#standing.delete(socket);
        continue;
      }
      const taken = socket.bytesWritten - socket.writableLength;
      const before = this.#standing.get(socket);
      if (before?.taken !== taken) this.#standing.set(socket, { taken, sinceMs: nowMs });
      else if (nowMs - before.sinceMs >= (isUnread ? this.unreadMs : this.lingerMs))
        socket.destroy();
    }
  }
}
