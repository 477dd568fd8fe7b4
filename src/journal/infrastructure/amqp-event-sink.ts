import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { type ChannelModel, type ConfirmChannel, connect } from 'amqplib';
import { Counter, Registry } from 'prom-client';
import { type EventConnection, EventSink, EventsRefused } from '../application/ports.js';
import { cloudEventOf, type JournalEvent, routingKeyOf } from '../domain/journal-event.js';
import { JournalSettings } from '../journal.settings.js';

const EXCHANGE = 'gophermart';

/** How long a connection may take to open, and a close to be answered, in milliseconds. */
const CONNECT_MS = 5_000;
const CLOSE_MS = 1_000;

/** A peer that was silent for two of these is gone, in seconds. */
const HEARTBEAT_S = 5;

/**
 * Publishes to RabbitMQ: persistent messages of up to a hundred CloudEvents, to a durable topic
 * exchange. A message counts as taken when the broker has confirmed it: it is on the disk of every
 * queue that is bound to its routing key.
 */
@Injectable()
export class AmqpEventSink extends EventSink {
  readonly #unroutable: Counter;

  constructor(
    private readonly settings: JournalSettings,
    registry: Registry,
  ) {
    super();
    this.#unroutable = new Counter({
      name: 'journal_events_unroutable_total',
      help: 'Events that the broker took although no queue is bound to their routing key',
      registers: [registry],
    });
  }

  async connect(): Promise<EventConnection> {
    const url = new URL(this.settings.brokerUri ?? '');
    if (!url.searchParams.has('heartbeat')) url.searchParams.set('heartbeat', `${HEARTBEAT_S}`);
    const connection = await connect(url.href, {
      timeout: CONNECT_MS,
      noDelay: true,
      clientProperties: { connection_name: 'gophermart' },
    });
    const opened = new AmqpConnection(connection, (events) => this.#unroutable.inc(events));
    try {
      await opened.open();
      return opened;
    } catch (error) {
      await opened.close();
      throw error;
    }
  }
}

class AmqpConnection implements EventConnection {
  readonly closed: Promise<Error>;
  #hasClosed: (reason: Error) => void = () => undefined;
  #channel: ConfirmChannel | undefined;
  /** Resolves when the broker, short of memory or disk, takes messages again. */
  #unblocked: Promise<void> | undefined;
  #unblock: () => void = () => undefined;
  /** By message id, how many events are in each message that is under way. */
  readonly #underWay = new Map<string, number>();

  constructor(
    private readonly connection: ChannelModel,
    private readonly unroutable: (events: number) => void,
  ) {
    this.closed = new Promise((resolve) => (this.#hasClosed = resolve));
    const closed = (error?: Error): void =>
      this.#hasClosed(error ?? new Error('the connection to the broker was closed'));
    connection.on('error', closed);
    connection.on('close', closed);
    connection.on('blocked', () => {
      this.#unblocked = new Promise((resolve) => (this.#unblock = resolve));
    });
    connection.on('unblocked', () => {
      this.#unblock();
      this.#unblocked = undefined;
    });
  }

  async open(): Promise<void> {
    await Promise.race([this.#openChannel(), this.#failed()]);
  }

  async publish(events: readonly JournalEvent[]): Promise<void> {
    await Promise.race([this.#confirmed(events), this.#failed()]);
  }

  /** A peer that is gone never answers: its socket is left to the system. */
  async close(): Promise<void> {
    this.#hasClosed(new Error('the connection to the broker is not used any more'));
    const closing = async (): Promise<void> => this.connection.close();
    await Promise.race([
      // One that is closed already says so.
      closing().catch(() => undefined),
      pause(CLOSE_MS, undefined, { ref: false }),
    ]);
  }

  async #failed(): Promise<never> {
    throw await this.closed;
  }

  async #openChannel(): Promise<void> {
    const channel = await this.connection.createConfirmChannel();
    channel.on('error', (error: Error) => this.#hasClosed(error));
    channel.on('close', () => this.#hasClosed(new Error('the broker has closed the channel')));
    // A message that nobody's queue takes comes back before its confirm.
    channel.on('return', ({ properties }) => {
      this.unroutable(this.#underWay.get(String(properties.messageId)) ?? 0);
    });
    await channel.assertExchange(EXCHANGE, 'topic', { durable: true });
    this.#channel = channel;
  }

  async #confirmed(events: readonly JournalEvent[]): Promise<void> {
    await this.#unblocked;
    const [first] = events;
    const channel = this.#channel;
    if (!first || !channel) return;
    const messageId = `${first.position}-${events.at(-1)?.position}`;
    this.#underWay.set(messageId, events.length);
    try {
      await new Promise<void>((resolve, reject) => {
        channel.publish(
          EXCHANGE,
          routingKeyOf(first),
          Buffer.from(`[${events.map(cloudEventOf).join(',')}]`),
          {
            contentType: 'application/cloudevents-batch+json',
            persistent: true,
            mandatory: true,
            messageId,
          },
          (error: unknown) =>
            error ? reject(new EventsRefused('the broker refused it')) : resolve(),
        );
      });
    } finally {
      this.#underWay.delete(messageId);
    }
  }
}
