import { lookup } from 'node:dns/promises';
import {
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { Readiness } from '../observability/readiness.js';
import {
  definitionsOf,
  fullNameOf,
  MAX_MESSAGE_BYTES,
  type ServiceName,
  serviceOf,
} from './definitions.js';
import type { BatchKind, CommandsMessage, OutcomesMessage } from './exchange/messages.js';
import { type ServeBatch, ServedStream } from './exchange/served-stream.js';
import { asksFor } from './rpc-admission.js';
import type { RpcErrors } from './rpc-errors.js';
import type { RpcSettings } from './rpc.settings.js';

/** How long a stop waits for calls that are under way, of its 10 s, in milliseconds. */
const STOP_WITHIN_MS = 3_000;

/** Calls of one connection at once. */
const MAX_STREAMS = 1_000;

/** How often health is asked for those who watch it, in milliseconds. */
const HEALTH_MS = 1_000;

/** What a call tells of who made it. */
export interface RpcCall {
  /** The client has cancelled it, has gone, or its deadline is over. */
  readonly isCancelled: boolean;
}

type Reply<Request, Answer> = (request: Request, call: RpcCall) => Promise<Answer>;

/** What answers the calls of a service. */
export type RpcHandlers = Readonly<Record<string, Reply<never, object>>>;

/**
 * The gRPC server of a process. Every call, of health and reflection too, must show `RPC_SECRET`:
 * `authorization: Bearer …`.
 */
export class RpcServer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #server: Server;
  readonly #health = new HealthImplementation({ '': 'NOT_SERVING' });
  readonly #files = new Set<string>();
  /** By their full names; the first stands for all. */
  readonly #services = [''];
  readonly #batches = new Map<BatchKind, ServeBatch>();
  readonly #streams = new Set<ServedStream>();
  #isClosing = false;
  #healthTimer: NodeJS.Timeout | undefined;
  #isServing: boolean | undefined;
  #port = 0;

  constructor(
    private readonly settings: RpcSettings,
    private readonly errors: RpcErrors,
    private readonly readiness: Readiness,
    /** Tools may ask it what it serves. */
    private readonly isReflected: boolean,
  ) {
    this.#server = new Server({
      interceptors: [asksFor(settings.secret ?? '')],
      'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
      'grpc.max_concurrent_streams': MAX_STREAMS,
      'grpc.enable_channelz': 0,
      // A connection whose peer is gone says nothing else.
      'grpc.keepalive_time_ms': 30_000,
      'grpc.keepalive_timeout_ms': 10_000,
    });
  }

  /** To be called before it listens. */
  add(name: ServiceName, handlers: RpcHandlers): void {
    const replies = Object.entries(handlers).map(([method, reply]) => [
      method,
      this.#answer(reply),
    ]);
    this.#serve(name, Object.fromEntries(replies) as UntypedServiceImplementation);
  }

  /** The same for batches that come by `Exchange`. */
  addBatches(kind: BatchKind, handler: ServeBatch): void {
    this.#batches.set(kind, handler);
  }

  /** Where it listens; 0 before it does. */
  get port(): number {
    return this.#port;
  }

  /** @throws Error where nobody can listen there. */
  async onApplicationBootstrap(): Promise<void> {
    const { host, port } = this.settings.address ?? { host: 'localhost', port: 0 };
    this.#addHealth();
    if (this.#batches.size > 0) this.#addExchange();
    if (this.isReflected)
      new ReflectionService(definitionsOf(...this.#files)).addToServer(this.#server);
    // Of a name with several addresses the first, as the HTTP listener does: a client must not find
    // somebody else at one of them.
    const { address, family } = await lookup(host);
    const place = family === 6 ? `[${address}]:${port}` : `${address}:${port}`;
    this.#port = await new Promise<number>((resolve, reject) =>
      this.#server.bindAsync(place, this.#credentials(), (error, given) =>
        error
          ? reject(new Error(`gRPC cannot listen at ${place}: ${error.message}`))
          : resolve(given),
      ),
    );
    await this.#tellHealth();
    this.#healthTimer = setInterval(() => void this.#tellHealth(), HEALTH_MS);
  }

  /** Calls that are under way are answered, for a while. */
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#healthTimer);
    await this.#tellHealth();
    this.#isClosing = true;
    for (const stream of this.#streams) stream.close();
    const closed = new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve()));
    // A peer that does not answer keeps even a forced end from being complete.
    if (!(await this.readiness.hasStopped(closed, STOP_WITHIN_MS))) this.#server.forceShutdown();
  }

  #credentials(): ServerCredentials {
    const { certificate, key } = this.settings;
    if (certificate === undefined || key === undefined) return ServerCredentials.createInsecure();
    return ServerCredentials.createSsl(null, [{ cert_chain: certificate, private_key: key }]);
  }

  #serve(name: ServiceName, implementation: UntypedServiceImplementation): void {
    this.#files.add(name.split('/')[0] ?? '');
    this.#services.push(fullNameOf(name));
    this.#server.addService(serviceOf(name).service, implementation);
  }

  #addExchange(): void {
    const Exchange = (call: ServerDuplexStream<CommandsMessage, OutcomesMessage>): void => {
      const stream = new ServedStream(call, this.#batches, this.errors);
      this.#streams.add(stream);
      // The one where it was answered or refused, the other where the client is gone.
      for (const end of ['finish', 'close']) call.once(end, () => this.#streams.delete(stream));
      if (this.#isClosing) stream.close();
    };
    this.#serve('commands.proto/Commands', { Exchange });
  }

  /** Who asks is told how it is now. */
  #addHealth(): void {
    this.#health.addToServer({
      addService: (definition, handlers) => {
        const { check } = handlers as { check: (...given: unknown[]) => void };
        const fresh = (...given: unknown[]): void =>
          void this.#tellHealth().then(() => check(...given));
        this.#server.addService(definition, { ...handlers, check: fresh });
      },
    });
  }

  /** Those who watch it hear of each change once. */
  async #tellHealth(): Promise<void> {
    const isServing = await this.readiness.isReady();
    if (isServing === this.#isServing) return;
    this.#isServing = isServing;
    for (const each of this.#services)
      this.#health.setStatus(each, isServing ? 'SERVING' : 'NOT_SERVING');
  }

  #answer(reply: Reply<never, object>) {
    return (call: ServerUnaryCall<never, object>, callback: sendUnaryData<object>): void => {
      reply(call.request, callOf(call)).then(
        (answer) => callback(null, answer),
        (error: unknown) => callback(this.errors.statusOf(error)),
      );
    };
  }
}

function callOf(call: { readonly cancelled: boolean }): RpcCall {
  return {
    get isCancelled() {
      return call.cancelled;
    },
  };
}
