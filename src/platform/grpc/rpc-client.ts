import {
  Channel,
  ChannelCredentials,
  type Client,
  credentials,
  Metadata,
  type ServiceError,
  status as STATUS,
} from '@grpc/grpc-js';
import type { OnApplicationShutdown } from '@nestjs/common';
import { ClientDisconnected } from '../../kernel/application/caller.js';
import { DatabaseUnavailable } from '../../kernel/application/persistence-errors.js';
import { fullNameOf, MAX_MESSAGE_BYTES, type ServiceName, serviceOf } from './definitions.js';
import { type BatchToSend, SendingStream } from './exchange/sending-stream.js';
import { NAME } from './rpc-errors.js';
import { RpcHealth } from './rpc-health.js';
import type { RpcSettings } from './rpc.settings.js';

/** How often the calls of a batch are tried when their connection is lost, as a unit of work is. */
const MAX_TRIES = 3;

/** After so long, in milliseconds, a call is not tried again: its callers give up soon. */
const REPEATS_FOR_MS = 5_000;

/** How often it is looked whether a caller still waits, in milliseconds. */
const CALLER_CHECK_MS = 100;

const ofUsers = (method: string): object => ({ service: 'gophermart.v1.Users', method });

const SERVICE_CONFIG = {
  // Of a name with several addresses all take part.
  loadBalancingConfig: [{ round_robin: {} }],
  methodConfig: [
    // A command may wait in the other process for as long as it may wait for the database there.
    { name: [{}], timeout: '7s' },
    // A stream is there for as long as it has batches, each with its own time.
    { name: [{ service: 'gophermart.v1.Commands', method: 'Exchange' }] },
    // Passwords wait for their turn to be hashed; a call that nobody waits for is cancelled.
    { name: ['Register', 'LogIn', 'ChangePassword'].map(ofUsers), timeout: '60s' },
    // It is asked again after a second.
    { name: ['ListEndedSessions'].map(ofUsers), timeout: '2s' },
    // Who asks for health gives up after a second.
    { name: [{ service: 'grpc.health.v1.Health' }], timeout: '1s' },
  ],
};

/** A connection is found to be dead, and made again, within seconds. */
const CHANNEL_OPTIONS = {
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.keepalive_time_ms': 5_000,
  'grpc.keepalive_timeout_ms': 2_000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.min_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
  'grpc.dns_min_time_between_resolutions_ms': 1_000,
  'grpc.enable_channelz': 0,
  // The environment's proxy is for what is outside.
  'grpc.enable_http_proxy': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc.service_config': JSON.stringify(SERVICE_CONFIG),
};

type Method = (...given: unknown[]) => unknown;

/** Another process, called by gRPC. */
export class RpcClient implements OnApplicationShutdown {
  readonly #channel: Channel;
  readonly #credentials: ChannelCredentials;
  readonly #metadata = new Metadata();
  readonly #clients = new Map<ServiceName, Client>();
  readonly #health: RpcHealth;
  #stream: SendingStream | undefined;

  /**
   * @param name of what it is, for messages.
   * @param main the service that it is there for.
   */
  constructor(
    private readonly name: string,
    main: ServiceName,
    { host, port }: { readonly host: string; readonly port: number },
    { secret = '', ca }: Pick<RpcSettings, 'secret' | 'ca'>,
  ) {
    const target = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    this.#credentials = ca ? credentials.createSsl(ca) : credentials.createInsecure();
    this.#channel = new Channel(target, this.#credentials, CHANNEL_OPTIONS);
    this.#metadata.set('authorization', `Bearer ${secret}`);
    this.#health = new RpcHealth(
      target,
      this.#credentials,
      CHANNEL_OPTIONS,
      this.#metadata,
      fullNameOf(main),
      (error) => (error ? this.#sentence(error) : `${name} is not ready`),
    );
  }

  /**
   * Calls a method that may be repeated: one whose connection is lost is called again.
   *
   * @param isAwaited whether somebody waits for the answer; the call is cancelled when nobody does.
   * @throws ClientDisconnected where it was cancelled; DatabaseUnavailable where the process does
   * not answer, or cannot; what it refuses the call with.
   */
  call<Reply>(
    service: ServiceName,
    method: string,
    request: object,
    isAwaited?: () => boolean,
  ): Promise<Reply> {
    return this.#repeated(() => this.#unary(service, method, request, isAwaited));
  }

  /**
   * Sends a batch by the open stream, or by the next where that ends before the outcomes come.
   *
   * @throws as `call`.
   */
  async exchange<Outcomes extends object>(batch: BatchToSend): Promise<Outcomes> {
    return (await this.#repeated(() => this.#openStream().send(batch))) as Outcomes;
  }

  /** Why it cannot be used now; undefined: it can. */
  obstacle(): Promise<string | undefined> {
    return this.#health.obstacle();
  }

  onApplicationShutdown(): void {
    this.#stream?.retire();
    this.#channel.close();
    this.#health.close();
  }

  #client(service: ServiceName): Client {
    let client = this.#clients.get(service);
    if (!client) {
      const Service = serviceOf(service);
      client = new Service('', this.#credentials, { channelOverride: this.#channel });
      this.#clients.set(service, client);
    }
    return client;
  }

  #method(service: ServiceName, name: string): Method {
    const client = this.#client(service);
    const method = (client as unknown as Record<string, Method>)[name];
    if (!method) throw new Error(`${service} has no ${name}`);
    return method.bind(client);
  }

  #openStream(): SendingStream {
    if (!this.#stream?.isTaking)
      this.#stream = new SendingStream(
        this.#method('commands.proto/Commands', 'Exchange')(this.#metadata) as never,
      );
    return this.#stream;
  }

  async #repeated<Reply>(attempt: () => Promise<Reply>): Promise<Reply> {
    const began = performance.now();
    for (let tries = 1; ; tries++) {
      try {
        return await attempt();
      } catch (error) {
        if (!isServiceError(error)) throw error;
        const isOver = tries === MAX_TRIES || performance.now() - began > REPEATS_FOR_MS;
        if (isOver || !isLost(error)) throw this.#errorOf(error);
      }
    }
  }

  #unary<Reply>(
    service: ServiceName,
    method: string,
    request: object,
    isAwaited?: () => boolean,
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      let isCancelled = false;
      const check = (): void => {
        isCancelled ||= !isAwaited?.();
        if (isCancelled) call.cancel();
      };
      const timer = isAwaited && setInterval(check, CALLER_CHECK_MS);
      const done = (error: ServiceError | null, reply: Reply): void => {
        clearInterval(timer);
        if (error) reject(isCancelled ? new ClientDisconnected() : error);
        else resolve(reply);
      };
      const call = this.#method(service, method)(request, this.#metadata, done) as {
        cancel(): void;
      };
    });
  }

  #errorOf(error: ServiceError): Error {
    const isFault = error.code !== STATUS.UNAVAILABLE && error.metadata.get(NAME).length > 0;
    const sentence = this.#sentence(error);
    return isFault ? new Error(sentence) : new DatabaseUnavailable(sentence);
  }

  #sentence({ code, details }: ServiceError): string {
    return `${this.name} does not answer: ${STATUS[code]}, ${details}`;
  }
}

/** The role `billing`, where it is another process. */
export class BillingClient extends RpcClient {}

/** The role `query`, where it is another process. */
export class QueryClient extends RpcClient {}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'metadata' in error;
}

/** As a connection is lost, or a process gone. OK: a stream has ended without all outcomes. */
const LOST: ReadonlySet<STATUS> = new Set([STATUS.OK, STATUS.CANCELLED, STATUS.UNAVAILABLE]);

/** Nobody knows what became of the call; the other process has not refused it. */
function isLost({ code, metadata }: ServiceError): boolean {
  return LOST.has(code) && metadata.get(NAME).length === 0;
}
