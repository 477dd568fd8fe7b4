import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Cursor } from '../../journal/index.js';
import { EventReceiver, type PlacedEvent } from '../application/ports.js';

/** Bytes that a reader may leave in our memory, besides what the system holds. */
const MOST_UNREAD = 256 * 1024;

/** How long a client waits before it comes again, at least; in milliseconds. */
const RETRY_MS = 1_000;

/** So much longer at most, that not all come at once when a process stops. In milliseconds. */
const SPREAD_MS = 2_000;

/**
 * A reply as a stream of events (WHATWG HTML, 9.2). It is written past Fastify: a stream of Node's
 * for each would take as much memory as all the rest of a connection, and compression would hold
 * events back.
 */
export class EventStream extends EventReceiver {
  /** @param connection a reply behind another one of its connection has no socket yet. */
  constructor(
    private readonly reply: ServerResponse,
    private readonly connection: Socket,
    private readonly seal: (place: Cursor) => string,
  ) {
    super();
  }

  get isClosed(): boolean {
    return this.connection.destroyed || this.reply.destroyed || this.reply.writableEnded;
  }

  get isTooSlow(): boolean {
    return this.reply.writableLength > MOST_UNREAD;
  }

  /** Tells the client that it is connected, and when to come again. */
  begin(): void {
    this.#write(`retry: ${RETRY_MS + Math.floor(Math.random() * SPREAD_MS)}\n\n`);
  }

  send({ event: { type, data }, place }: PlacedEvent): void {
    this.#write(`id: ${this.seal(place)}\nevent: ${type}\ndata: ${data}\n\n`);
  }

  remember(place: Cursor): void {
    this.#write(`id: ${this.seal(place)}\n\n`);
  }

  gap(place: Cursor): void {
    this.#write(`id: ${this.seal(place)}\nevent: gap\ndata: {}\n\n`);
  }

  /** Says that the connection is alive. */
  comment(): void {
    this.#write(':\n\n');
  }

  async drained(): Promise<void> {
    // Nothing else announces a 'drain': how much is unread says nothing of it.
    while (!this.isClosed && this.reply.writableNeedDrain)
      await new Promise<void>((resolve) => {
        const done = (): void => {
          this.reply.off('drain', done).off('close', done);
          this.connection.off('close', done);
          resolve();
        };
        this.reply.on('drain', done).on('close', done);
        this.connection.on('close', done);
      });
  }

  end(): void {
    if (!this.isClosed) this.reply.end();
  }

  cut(): void {
    this.connection.resetAndDestroy();
  }

  #write(text: string): void {
    if (!this.isClosed) this.reply.write(text);
  }
}
