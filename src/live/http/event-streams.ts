import type { OutgoingHttpHeaders } from 'node:http';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Session, Sessions } from '../../auth/index.js';
import type { Cursor } from '../../journal/index.js';
import { Readiness } from '../../platform/observability/readiness.js';
import type { LiveStream } from '../application/live-stream.js';
import { EventStream } from './event-stream.js';

/** Between two comments on a stream, in seconds. */
const COMMENT_S = 15;

/** A request, and what it is answered with. */
interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/**
 * The streams that are being sent. They end with their session, when the process stops, and with
 * their connection.
 */
@Injectable()
export class EventStreams implements OnApplicationShutdown {
  readonly #logger = new Logger(EventStreams.name);
  /** By the second, of {@link COMMENT_S}, in which they get their comments. */
  readonly #open = Array.from({ length: COMMENT_S }, () => new Set<EventStream>());
  #second = 0;
  readonly #timer = setInterval(() => this.#comment(), 1_000).unref();

  constructor(
    private readonly sessions: Sessions,
    private readonly readiness: Readiness,
  ) {
    readiness.onStop(() => this.#endAll());
  }

  /** Sends the stream as the reply, and closes it in the end. Resolves when it has caught up. */
  async send(
    stream: LiveStream,
    session: Session,
    { request, reply }: Exchange,
    seal: (place: Cursor) => string,
  ): Promise<void> {
    const { raw } = reply.hijack();
    if (raw.destroyed || request.socket.destroyed) {
      stream.close();
      return;
    }
    raw.writeHead(200, {
      ...(reply.getHeaders() as OutgoingHttpHeaders),
      'content-type': 'text/event-stream',
      // nginx would hold events back.
      'x-accel-buffering': 'no',
    });
    if (request.method === 'HEAD') {
      stream.close();
      raw.end();
      return;
    }
    const receiver = new EventStream(raw, request.socket, seal);
    const open = this.#open[this.#second] ?? new Set();
    open.add(receiver);
    const unwatch = this.sessions.whenEnded(session, () => receiver.end());
    const closed = (): void => {
      raw.off('close', closed);
      request.socket.off('close', closed);
      open.delete(receiver);
      unwatch();
      stream.close();
    };
    raw.on('close', closed);
    // A reply that never had its turn on the connection does not hear of its end.
    request.socket.on('close', closed);
    receiver.begin();
    try {
      await stream.sendTo(receiver);
    } catch (error) {
      // The client comes again, and tells where it stands.
      this.#logger.warn(`a stream ends before it has caught up: ${(error as Error).message}`);
      receiver.end();
    }
    if (this.readiness.isStopping) receiver.end();
  }

  onApplicationShutdown(): void {
    clearInterval(this.#timer);
  }

  /** To a fifteenth of them each second: to all at once would take long. */
  #comment(): void {
    this.#second = (this.#second + 1) % COMMENT_S;
    for (const stream of this.#open[this.#second] ?? []) stream.comment();
  }

  #endAll(): void {
    for (const stream of this.#open.flatMap((some) => [...some])) stream.end();
  }
}
