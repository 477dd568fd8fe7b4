import { setTimeout as pause } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { Channel, ConsumeMessage } from 'amqplib';
import { QUERY_QUEUE, REACHED, type Reached } from '../../journal/index.js';
import { type BackOff, backOffMs } from '../../kernel/domain/time/back-off.js';
import { Pause } from '../../kernel/domain/time/pause.js';
import { AmqpSettings } from '../../platform/amqp/amqp.settings.js';
import { BrokerConnection } from '../../platform/amqp/broker-connection.js';
import { Readiness } from '../../platform/observability/readiness.js';
import { FollowJournal } from '../application/follow-journal.js';
import type { ReceivedEvent, ReceivedSpan } from '../application/ports.js';

/** Messages that are handed to us before we have acknowledged the first: 5 000 events at most. */
const PREFETCH = 50;

/** How often parked events are looked for that an operator has put back, in milliseconds. */
const RETRY_MS = 3_000;

/** After failures. */
const PAUSES: BackOff = { firstMs: 100, longestMs: 5_000 };

/** How long a stop waits for what is being stored, of its 10 s, in milliseconds. */
const STOP_WITHIN_MS = 3_000;

/**
 * Takes the events from the read model's queue.
 *
 * - DISCONNECTED: there is no broker, or storing failed: tried again after longer pauses.
 * - WAITING: for messages. Of several processes the broker serves one.
 * - STORING: all that has come meanwhile goes into one commit, and then is acknowledged. What was
 *   stored and not acknowledged comes again, and changes nothing.
 * - STOPPED: the last state, after what was being stored.
 */
@Injectable()
export class AmqpFeed implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(AmqpFeed.name);
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #failures = 0;
  #reason: string | undefined;
  /** Messages that came and were not stored yet. */
  #came: ConsumeMessage[] = [];
  readonly #pause = new Pause();

  constructor(
    private readonly settings: AmqpSettings,
    private readonly follow: FollowJournal,
    private readonly readiness: Readiness,
  ) {}

  onApplicationBootstrap(): void {
    if (this.settings.uri !== undefined) this.#running = this.#run(this.settings.uri);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping.abort();
    this.#pause.look();
    await this.readiness.hasStopped(this.#running, STOP_WITHIN_MS);
  }

  async #run(uri: string): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      let connection: BrokerConnection | undefined;
      try {
        connection = await BrokerConnection.open(uri);
        await this.#readFrom(connection);
      } catch (error) {
        await this.#failed(error as Error, signal);
      } finally {
        await connection?.close();
      }
    }
  }

  async #failed({ message }: Error, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    if (message !== this.#reason) this.#logger.warn(`the read model waits for events: ${message}`);
    this.#reason = message;
    this.#failures++;
    const ms = backOffMs(this.#failures, PAUSES, Math.random());
    await pause(ms, undefined, { signal }).catch(() => undefined);
  }

  #succeeded(): void {
    if (this.#reason !== undefined) this.#logger.warn('the read model gets events again');
    this.#reason = undefined;
    this.#failures = 0;
  }

  /** Until the connection ends, or the process. */
  async #readFrom(connection: BrokerConnection): Promise<void> {
    const { signal } = this.#stopping;
    let reason: Error | undefined;
    void connection.closed.then((error) => {
      reason = error;
      this.#pause.look();
    });
    this.#came = [];
    const channel = await connection.unlessClosed(this.#consume(connection));
    let nextRetryMs = 0;
    while (!signal.aborted) {
      const isOver = (): boolean => !!reason || this.#came.length > 0 || signal.aborted;
      await this.#pause.wait(RETRY_MS, isOver);
      if (reason) throw reason;
      if (performance.now() >= nextRetryMs) {
        await this.follow.retryParked();
        nextRetryMs = performance.now() + RETRY_MS;
      }
      const messages = this.#came.splice(0);
      const last = messages.at(-1);
      if (last) {
        await this.follow.store(messages.flatMap(eventsOf), messages.flatMap(spansOf));
        channel.ack(last, true);
      }
      this.#succeeded();
    }
  }

  async #consume(connection: BrokerConnection): Promise<Channel> {
    const channel = await connection.model.createChannel();
    const end = (error?: Error): void =>
      connection.end(error ?? new Error('the broker has closed the channel'));
    channel.on('error', end);
    channel.on('close', end);
    await channel.assertQueue(QUERY_QUEUE, {
      durable: true,
      arguments: {
        'x-queue-type': 'quorum',
        'x-single-active-consumer': true,
        // What cannot be stored is parked. A message that comes again and again is never at fault.
        'x-delivery-limit': 2_000_000_000,
      },
    });
    await channel.prefetch(PREFETCH);
    await channel.consume(QUERY_QUEUE, (message) => {
      if (!message) return end(new Error(`the queue ${QUERY_QUEUE} was deleted`));
      this.#came.push(message);
      this.#pause.look();
    });
    return channel;
  }
}

/** A message that is neither a list of events nor a span is one event that nobody understands. */
function eventsOf(message: ConsumeMessage): ReceivedEvent[] {
  if (spansOf(message).length > 0) return [];
  const text = message.content.toString();
  const events = parsed(text);
  if (!Array.isArray(events)) return [{ position: undefined, type: '', content: text }];
  return (events as unknown[]).map((event) => {
    const { id, type } = (event ?? {}) as { readonly id?: unknown; readonly type?: unknown };
    return {
      position: isPosition(id) ? id : undefined,
      type: typeof type === 'string' ? type : '',
      content: event,
    };
  });
}

function spansOf({ content, properties }: ConsumeMessage): ReceivedSpan[] {
  if (properties.type !== REACHED) return [];
  const { from, to, isEnd } = (parsed(content.toString()) ?? {}) as Partial<Reached>;
  return isPosition(from) && isPosition(to) && typeof isEnd === 'boolean'
    ? [{ from: BigInt(from), to: BigInt(to), isEnd }]
    : [];
}

function isPosition(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,18}$/.test(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
