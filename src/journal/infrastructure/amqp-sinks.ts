import { Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { AmqpSettings } from '../../platform/amqp/amqp.settings.js';
import { type EventConnection, EventSink, type Span } from '../application/sink-ports.js';
import { type JournalEvent, routingKeyOf } from '../domain/journal-event.js';
import { AmqpEventConnection, type Destination } from './amqp-event-connection.js';

const EXCHANGE = 'gophermart';

/** To the durable topic exchange, from which everybody may take them. */
@Injectable()
export class BrokerSink extends EventSink {
  readonly name = 'broker';
  readonly takesAll = false;
  readonly #unroutable: Counter;

  constructor(
    private readonly settings: AmqpSettings,
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
    const amqp = await AmqpEventConnection.open(
      this.settings.uri ?? '',
      { exchange: EXCHANGE, routingKeyOf },
      (channel) => channel.assertExchange(EXCHANGE, 'topic', { durable: true }),
    );
    return {
      closed: amqp.closed,
      hasReceiver: () => Promise.resolve(true),
      publish: async (events) => {
        if (!(await amqp.publish(events))) this.#unroutable.inc(events.length);
      },
      reached: () => Promise.resolve(),
      close: () => amqp.close(),
    };
  }
}

/**
 * The queue of the read model (role `query`), which declares it. Its name has a version, because a
 * queue cannot change its arguments.
 */
export const QUERY_QUEUE = 'gophermart.query.v1';

/** The type of a message that says how far the journal was read; its body is a {@link Reached}. */
export const REACHED = 'journal_reached';

/** A {@link Span} in JSON. */
export interface Reached {
  readonly from: string;
  readonly to: string;
  readonly isEnd: boolean;
}

/** By way of the default exchange, which knows each queue by its name. */
const TO_QUERY: Destination = { exchange: '', routingKeyOf: () => QUERY_QUEUE };

/** What says nothing: whether somebody's queue takes it is all that counts. */
const NOTHING: Span = { from: 1n, to: 0n, isEnd: false };

/** To the read model alone, all events from the first one on. */
@Injectable()
export class QuerySink extends EventSink {
  readonly name = 'query';
  readonly takesAll = true;

  constructor(private readonly settings: AmqpSettings) {
    super();
  }

  async connect(): Promise<EventConnection> {
    // Nothing is declared: where no read model has made its queue, none is wanted.
    const declare = (): Promise<void> => Promise.resolve();
    return new QueryConnection(
      await AmqpEventConnection.open(this.settings.uri ?? '', TO_QUERY, declare),
    );
  }
}

class QueryConnection implements EventConnection {
  readonly closed: Promise<Error>;

  constructor(private readonly amqp: AmqpEventConnection) {
    this.closed = amqp.closed;
  }

  hasReceiver(): Promise<boolean> {
    return this.#tell(NOTHING);
  }

  async publish(events: readonly JournalEvent[]): Promise<void> {
    this.#assertTaken(await this.amqp.publish(events));
  }

  async reached(span: Span): Promise<void> {
    this.#assertTaken(await this.#tell(span));
  }

  close(): Promise<void> {
    return this.amqp.close();
  }

  #tell({ from, to, isEnd }: Span): Promise<boolean> {
    const reached: Reached = { from: String(from), to: String(to), isEnd };
    return this.amqp.send(QUERY_QUEUE, JSON.stringify(reached), {
      contentType: 'application/json',
      type: REACHED,
      messageId: `reached-${to}`,
    });
  }

  /** Somebody has deleted it. The read model makes it anew. */
  #assertTaken(isTaken: boolean): void {
    if (isTaken) return;
    const gone = new Error(`the queue ${QUERY_QUEUE} is gone`);
    this.amqp.end(gone);
    throw gone;
  }
}
