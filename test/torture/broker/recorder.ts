import { type ChannelModel, connect } from 'amqplib';
import { setTimeout as pause } from 'node:timers/promises';
import type { ReceivedEvent } from '../../support/broker/listener.js';
import type { Findings } from '../findings.js';

const QUEUE = 'torture.v1';
const AGAIN_AFTER_MS = 200;

/** A consumer that believes nothing: it keeps each event, and checks it against the contract. */
export class Recorder {
  /** By id, each as it came first. */
  readonly events = new Map<string, string>();
  repetitions = 0;
  onRepetition: (id: string) => void = () => undefined;
  /** By user, routing key and order, the id of the last event that was new. */
  readonly #last = new Map<string, bigint>();
  #connection: ChannelModel | undefined;
  #isStopping = false;

  private constructor(
    private readonly uri: string,
    private readonly findings: Findings,
  ) {}

  /** Resolves when its queue is there; after that it connects again by itself. */
  static async start(uri: string, findings: Findings): Promise<Recorder> {
    const recorder = new Recorder(uri, findings);
    await recorder.#listen();
    return recorder;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#connection?.close().catch(() => undefined);
  }

  async #listen(): Promise<void> {
    const connection = await connect(this.uri);
    this.#connection = connection;
    connection.on('error', () => undefined);
    connection.on('close', () => void this.#listenAgain());
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    await channel.assertExchange('gophermart', 'topic', { durable: true });
    await channel.assertQueue(QUEUE, {
      durable: true,
      arguments: { 'x-queue-type': 'quorum', 'x-single-active-consumer': true },
    });
    await channel.bindQueue(QUEUE, 'gophermart', '#');
    await channel.consume(QUEUE, (message) => {
      if (!message) return;
      this.#record(message.fields.routingKey, message.content.toString());
      channel.ack(message);
    });
  }

  async #listenAgain(): Promise<void> {
    while (!this.#isStopping) {
      await pause(AGAIN_AFTER_MS);
      try {
        await this.#listen();
        return;
      } catch {
        // The broker is not there yet.
      }
    }
  }

  #record(routingKey: string, content: string): void {
    for (const event of JSON.parse(content) as ReceivedEvent[]) {
      const { id, type, subject } = event;
      const text = JSON.stringify(event);
      const known = this.events.get(id);
      if (known !== undefined) {
        this.repetitions++;
        this.onRepetition(id);
        if (known !== text) this.findings.violation('an event came back changed', text);
        continue;
      }
      this.events.set(id, text);
      if ((type.startsWith('accrual_') ? 'accrual' : type) !== routingKey)
        this.findings.violation(`${type} came by the routing key ${routingKey}`, text);
      // Two orders of a customer that change at once come as they were committed, in either order;
      // entries follow each other, for an account is locked.
      const order = type === 'transaction_processed' ? '' : String(event.data['order']);
      const of = `${subject} ${routingKey} ${order}`;
      if (BigInt(id) < (this.#last.get(of) ?? 0n))
        this.findings.violation('an event was overtaken by a later one of its customer', text);
      this.#last.set(of, BigInt(id));
    }
  }
}
