import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { type ChannelModel, type ConfirmChannel, connect, credentials } from 'amqplib';
import { Counter, Registry } from 'prom-client';
import { percentDecoded } from '../../kernel/application/address.js';
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
    const { username, password } = url;
    const connection = await connect(url.href, {
      timeout: CONNECT_MS,
      noDelay: true,
      clientProperties: { connection_name: 'gophermart' },
      // By itself amqplib takes %C3%A4 for two characters.
      ...(username !== '' && {
        credentials: credentials.plain(percentDecoded(username), percentDecoded(password)),
      }),
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
  readonly #logger = new Logger(AmqpEventSink.name);
  readonly closed: Promise<Error>;
  #resolveClosed: (reason: Error) => void = () => undefined;
  #channel: ConfirmChannel | undefined;
  /** Resolves when the broker, short of memory or disk, takes messages again. */
  #unblocked: Promise<void> | undefined;
  #unblock: () => void = () => undefined;
  /** By message id, what is under way: it fails with the connection. */
  readonly #underWay = new Map<string, { events: number; fail: (reason: Error) => void }>();

  constructor(
    private readonly connection: ChannelModel,
    private readonly unroutable: (events: number) => void,
  ) {
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    const closed = (error?: Error): void =>
      this.#end(error ?? new Error('the connection to the broker was closed'));
    connection.on('error', closed);
    connection.on('close', closed);
    connection.on('blocked', (reason) => {
      this.#logger.warn(`events wait in the journal: the broker takes none, ${reason}`);
      this.#unblocked ??= new Promise((resolve) => (this.#unblock = resolve));
    });
    connection.on('unblocked', () => {
      this.#unblock();
      this.#unblocked = undefined;
    });
  }

  async open(): Promise<void> {
    const failed = this.closed.then((reason) => Promise.reject(reason));
    await Promise.race([this.#openChannel(), failed]);
  }

  async publish(events: readonly JournalEvent[]): Promise<void> {
    const [first] = events;
    if (!first) return;
    const messageId = `${first.position}-${events.at(-1)?.position}`;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#underWay.set(messageId, { events: events.length, fail: reject });
        this.#send(events, messageId).then(resolve, reject);
      });
    } finally {
      this.#underWay.delete(messageId);
    }
  }

  /** A peer that is gone never answers: its socket is left to the system. */
  async close(): Promise<void> {
    this.#end(new Error('the connection to the broker is not used any more'));
    const closing = async (): Promise<void> => this.connection.close();
    await Promise.race([
      // One that is closed already says so.
      closing().catch(() => undefined),
      pause(CLOSE_MS, undefined, { ref: false }),
    ]);
  }

  #end(reason: Error): void {
    this.#channel = undefined;
    this.#resolveClosed(reason);
    for (const { fail } of this.#underWay.values()) fail(reason);
  }

  async #openChannel(): Promise<void> {
    const channel = await this.connection.createConfirmChannel();
    channel.on('error', (error: Error) => this.#end(error));
    channel.on('close', () => this.#end(new Error('the broker has closed the channel')));
    // A message that nobody's queue takes comes back before its confirm.
    channel.on('return', ({ properties }) => {
      this.unroutable(this.#underWay.get(String(properties.messageId))?.events ?? 0);
    });
    await channel.assertExchange(EXCHANGE, 'topic', { durable: true });
    this.#channel = channel;
  }

  /** Resolves when the broker has confirmed it. */
  async #send(events: readonly JournalEvent[], messageId: string): Promise<void> {
    await this.#unblocked;
    const [first] = events;
    const channel = this.#channel;
    if (!first || !channel) throw new Error('there is no connection to the broker');
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
        (error: Error | null) => {
          if (error === null) resolve();
          // It calls back for a closed channel, too; only the text tells which it is.
          else if (error.message === 'message nacked')
            reject(new EventsRefused('the broker refused it'));
          else reject(error);
        },
      );
    });
  }
}
