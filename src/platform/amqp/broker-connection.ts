import { setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { type ChannelModel, connect, credentials } from 'amqplib';
import { percentDecoded } from '../../kernel/application/address.js';

/** How long a connection may take to open, and a close to be answered, in milliseconds. */
const CONNECT_MS = 5_000;
const CLOSE_MS = 1_000;

/** A peer that was silent for two of these is gone, in seconds. */
const HEARTBEAT_S = 5;

/** A connection to RabbitMQ. */
export class BrokerConnection {
  readonly #logger = new Logger(BrokerConnection.name);
  /** Resolves with the reason when it is closed, by whomever. */
  readonly closed: Promise<Error>;
  #resolveClosed: (reason: Error) => void = () => undefined;
  #unblocked: Promise<void> | undefined;
  #unblock: () => void = () => undefined;

  private constructor(readonly model: ChannelModel) {
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    const closed = (error?: Error): void =>
      this.end(error ?? new Error('the connection to the broker was closed'));
    model.on('error', closed);
    model.on('close', closed);
    model.on('blocked', (reason) => {
      this.#logger.warn(`events wait in the journal: the broker takes none, ${reason}`);
      this.#unblocked ??= new Promise((resolve) => (this.#unblock = resolve));
    });
    model.on('unblocked', () => {
      this.#unblock();
      this.#unblocked = undefined;
    });
  }

  /** @throws the driver's error. */
  static async open(uri: string): Promise<BrokerConnection> {
    const url = new URL(uri);
    if (!url.searchParams.has('heartbeat')) url.searchParams.set('heartbeat', `${HEARTBEAT_S}`);
    const { username, password } = url;
    const model = await connect(url.href, {
      timeout: CONNECT_MS,
      noDelay: true,
      clientProperties: { connection_name: 'gophermart' },
      // By itself amqplib takes %C3%A4 for two characters.
      ...(username !== '' && {
        credentials: credentials.plain(percentDecoded(username), percentDecoded(password)),
      }),
    });
    return new BrokerConnection(model);
  }

  /** Resolves when the broker, short of memory or disk, takes messages again; undefined: now. */
  get unblocked(): Promise<void> | undefined {
    return this.#unblocked;
  }

  /** Resolves as `work` does, or rejects when the connection is closed before. */
  async unlessClosed<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.closed.then((reason) => Promise.reject(reason))]);
  }

  /** It cannot be used any more. */
  end(reason: Error): void {
    this.#resolveClosed(reason);
  }

  /** Never rejects. A peer that is gone never answers: its socket is left to the system. */
  async close(): Promise<void> {
    this.end(new Error('the connection to the broker is not used any more'));
    const closing = async (): Promise<void> => this.model.close();
    await Promise.race([
      // One that is closed already says so.
      closing().catch(() => undefined),
      pause(CLOSE_MS, undefined, { ref: false }),
    ]);
  }
}
