import type { ConfirmChannel, Options } from 'amqplib';
import { BrokerConnection } from '../../platform/amqp/broker-connection.js';
import { EventsRefused } from '../application/sink-ports.js';
import { cloudEventOf, type JournalEvent } from '../domain/journal-event.js';

/** Where messages go. */
export interface Destination {
  readonly exchange: string;
  readonly routingKeyOf: (event: JournalEvent) => string;
}

interface UnderWay {
  /** Nobody's queue has taken it. */
  isReturned: boolean;
  readonly fail: (reason: Error) => void;
}

/**
 * Publishes persistent messages of up to a hundred CloudEvents. A message counts as taken when the
 * broker has confirmed it: it is on the disk of every queue that is bound to its routing key.
 */
export class AmqpEventConnection {
  #channel: ConfirmChannel | undefined;
  /** By message id, what is under way: it fails with the connection. */
  readonly #underWay = new Map<string, UnderWay>();

  private constructor(
    private readonly connection: BrokerConnection,
    private readonly destination: Destination,
  ) {
    void this.closed.then((reason) => {
      this.#channel = undefined;
      for (const { fail } of this.#underWay.values()) fail(reason);
    });
  }

  /**
   * @param declare makes sure that the destination is there.
   * @throws the driver's error.
   */
  static async open(
    uri: string,
    destination: Destination,
    declare: (channel: ConfirmChannel) => Promise<unknown>,
  ): Promise<AmqpEventConnection> {
    const connection = await BrokerConnection.open(uri);
    const opened = new AmqpEventConnection(connection, destination);
    try {
      await connection.unlessClosed(opened.#openChannel(declare));
      return opened;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** Resolves with the reason when it is closed, by whomever. */
  get closed(): Promise<Error> {
    return this.connection.closed;
  }

  /** It cannot be used any more. */
  end(reason: Error): void {
    this.connection.end(reason);
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  /**
   * Publishes events of one routing key, oldest first.
   *
   * @returns whether somebody's queue has taken them.
   * @throws EventsRefused when the broker refuses them; Error after the end of the connection.
   */
  async publish(events: readonly JournalEvent[]): Promise<boolean> {
    const [first] = events;
    if (!first) return true;
    return this.send(
      this.destination.routingKeyOf(first),
      `[${events.map(cloudEventOf).join(',')}]`,
      {
        contentType: 'application/cloudevents-batch+json',
        messageId: `${first.position}-${events.at(-1)?.position}`,
      },
    );
  }

  /** The same for any message. */
  async send(
    routingKey: string,
    text: string,
    properties: Options.Publish & { readonly messageId: string },
  ): Promise<boolean> {
    const { messageId } = properties;
    try {
      return await new Promise<boolean>((resolve, reject) => {
        const underWay = { isReturned: false, fail: reject };
        this.#underWay.set(messageId, underWay);
        this.#confirmed(routingKey, text, properties).then(
          () => resolve(!underWay.isReturned),
          reject,
        );
      });
    } finally {
      this.#underWay.delete(messageId);
    }
  }

  async #openChannel(declare: (channel: ConfirmChannel) => Promise<unknown>): Promise<void> {
    const channel = await this.connection.model.createConfirmChannel();
    channel.on('error', (error: Error) => this.end(error));
    channel.on('close', () => this.end(new Error('the broker has closed the channel')));
    // A message that nobody's queue takes comes back before its confirm.
    channel.on('return', ({ properties }) => {
      const returned = this.#underWay.get(String(properties.messageId));
      if (returned) returned.isReturned = true;
    });
    await declare(channel);
    this.#channel = channel;
  }

  async #confirmed(routingKey: string, text: string, properties: Options.Publish): Promise<void> {
    await this.connection.unblocked;
    const channel = this.#channel;
    if (!channel) throw new Error('there is no connection to the broker');
    await new Promise<void>((resolve, reject) => {
      channel.publish(
        this.destination.exchange,
        routingKey,
        Buffer.from(text),
        { persistent: true, mandatory: true, ...properties },
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
