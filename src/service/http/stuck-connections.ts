import { readFileSync } from 'node:fs';

/** What of a socket tells whether its client reads. */
export interface WatchedSocket {
  /** Bytes that were to be written, those that wait included. */
  readonly bytesWritten: number;
  /** Bytes that wait. */
  readonly writableLength: number;
  /** Nothing more is to be written: our side of the connection is closed, or about to be. */
  readonly writableEnded: boolean;
  readonly localPort?: number | undefined;
  readonly remotePort?: number | undefined;
  destroy(): unknown;
  resetAndDestroy(): unknown;
}

/** How many bytes the system has taken and not got rid of; undefined where that is not known. */
type QueueOf = (socket: WatchedSocket) => number | undefined;

interface Standstill {
  /** How much of what was to be written the client, or the network, had taken. */
  readonly taken: number;
  /** By the monotonic clock, in milliseconds. */
  readonly sinceMs: number;
  /** What the system held half-way through the client's time. */
  queued?: number | undefined;
}

/**
 * Cuts connections whose clients do nothing any more: one that takes nothing of a reply for
 * `unreadMs`, and one that leaves its side open for `lingerMs` after ours was closed. Node cuts
 * only those that send nothing.
 *
 * The system buffers some megabytes of a reply and takes more only when a third of them is gone, so
 * before a client is cut its buffer is looked at: one that reads slowly is not cut.
 *
 * A client that does not read is reset: the end of the connection would wait behind the reply, in
 * megabytes of the system's memory, and the client would not see it either.
 *
 * All connections are looked at together, once in a while, so a request costs nothing.
 */
export class StuckConnections {
  readonly #standing = new WeakMap<WatchedSocket, Standstill>();

  constructor(
    private readonly unreadMs: number,
    private readonly lingerMs: number,
    private readonly queues: () => QueueOf = systemQueues,
  ) {}

  /** @param nowMs by the monotonic clock. */
  cut(open: Iterable<WatchedSocket>, nowMs: number): void {
    let queueOf: QueueOf | undefined;
    for (const socket of open) {
      const isUnread = socket.writableLength > 0;
      if (!isUnread && !socket.writableEnded) {
        this.#standing.delete(socket);
        continue;
      }
      const taken = socket.bytesWritten - socket.writableLength;
      const before = this.#standing.get(socket);
      if (before?.taken !== taken) {
        this.#standing.set(socket, { taken, sinceMs: nowMs });
        continue;
      }
      const standsMs = nowMs - before.sinceMs;
      if (!isUnread) {
        if (standsMs >= this.lingerMs) socket.destroy();
      } else if (standsMs >= this.unreadMs / 2) {
        queueOf ??= this.queues();
        const queued = queueOf(socket);
        if (queued !== undefined && queued < (before.queued ?? 0))
          this.#standing.set(socket, { taken, sinceMs: nowMs, queued });
        else if (standsMs >= this.unreadMs) socket.resetAndDestroy();
        else before.queued ??= queued;
      }
    }
  }
}

/** Of Linux: `/proc/net/tcp` has a line for each connection, in hexadecimal (proc(5)). */
function systemQueues(): QueueOf {
  const queues = new Map<string, number>();
  try {
    for (const file of ['/proc/net/tcp', '/proc/net/tcp6'])
      for (const [, local = '', remote = '', queue = ''] of readFileSync(file, 'latin1').matchAll(
        /^ *\d+: \w+:(\w+) \w+:(\w+) \w+ (\w+):/gm,
      ))
        queues.set(`${parseInt(local, 16)} ${parseInt(remote, 16)}`, parseInt(queue, 16));
  } catch {
    // Another system: nothing is known.
  }
  return ({ localPort, remotePort }) => queues.get(`${localPort} ${remotePort}`);
}
