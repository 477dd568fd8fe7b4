import { type Channel, type ChannelModel, connect } from 'amqplib';

/** A CloudEvent as the contract has it. */
export interface ReceivedEvent {
  readonly specversion: string;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  readonly time?: string;
  readonly revision?: number;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface ReceivedMessage {
  readonly routingKey: string;
  readonly contentType: string;
  readonly isPersistent: boolean;
  readonly events: readonly ReceivedEvent[];
}

/** A consumer that has nothing but amqplib and the contract. */
export class Listener {
  readonly messages: ReceivedMessage[] = [];
  #wake: () => void = () => undefined;

  private constructor(
    private readonly connection: ChannelModel,
    readonly channel: Channel,
    readonly queue: string,
  ) {}

  /** Binds a queue of its own to `pattern`, with `args` of RabbitMQ's, and consumes from it. */
  static async bind(
    uri: string,
    pattern = '#',
    args: Readonly<Record<string, unknown>> = {},
  ): Promise<Listener> {
    const connection = await connect(uri);
    connection.on('error', () => undefined);
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    await channel.assertExchange('gophermart', 'topic', { durable: true });
    const { queue } = await channel.assertQueue('', { durable: true, arguments: args });
    await channel.bindQueue(queue, 'gophermart', pattern);
    return new Listener(connection, channel, queue);
  }

  async listen(): Promise<this> {
    await this.channel.consume(
      this.queue,
      (message) => {
        if (!message) return;
        const { contentType, deliveryMode } = message.properties as {
          readonly contentType: unknown;
          readonly deliveryMode: unknown;
        };
        this.messages.push({
          routingKey: message.fields.routingKey,
          contentType: String(contentType),
          isPersistent: deliveryMode === 2,
          events: JSON.parse(message.content.toString()) as ReceivedEvent[],
        });
        this.channel.ack(message);
        this.#wake();
      },
      { noAck: false },
    );
    return this;
  }

  get events(): readonly ReceivedEvent[] {
    return this.messages.flatMap(({ events }) => events);
  }

  ofType(type: string): readonly ReceivedEvent[] {
    return this.events.filter((event) => event.type === type);
  }

  /** Resolves when such an event has come, which may have been before. */
  async heard(isIt: (event: ReceivedEvent) => boolean): Promise<void> {
    let read = 0;
    while (!this.messages.slice(read).some(({ events }) => events.some(isIt))) {
      read = this.messages.length;
      await this.#next();
    }
  }

  /** Ends the connection; the queue stays. */
  async leave(): Promise<void> {
    await this.connection.close().catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.channel.deleteQueue(this.queue).catch(() => undefined);
    await this.leave();
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
