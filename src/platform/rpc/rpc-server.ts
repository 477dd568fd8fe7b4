import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type GrpcObject,
  loadPackageDefinition,
  ResponderBuilder,
  type sendUnaryData,
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceClientConstructor,
  status as STATUS,
} from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { baseUrl } from '../../kernel/application/address.js';
import type { Readiness } from '../observability/readiness.js';
import type { RpcErrors } from './rpc-errors.js';
import type { RpcSettings } from './rpc.settings.js';

/** How long a stop waits for calls that are under way, of its 10 s, in milliseconds. */
const STOP_WITHIN_MS = 3_000;

/** How long a list waits for a client that does not read it, in milliseconds. */
const UNREAD_MS = 30_000;

/** How often health is asked for those who watch it, in milliseconds. */
const HEALTH_MS = 1_000;

/** Bytes of a message, at most: a thousand commands with numbers of 1 000 digits. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** From the sources and from the build. */
const PROTO = ['../../../proto', '../../../../proto']
  .map((path) => join(import.meta.dirname, path))
  .find((path) => existsSync(path));

/** What a call tells of who made it. */
export interface RpcCall {
  /** The client has cancelled it, has gone, or its deadline is over. */
  readonly isCancelled: boolean;
}

type Reply<Request, Answer> = (request: Request, call: RpcCall) => Promise<Answer>;
type Pages<Request, Page> = (request: Request, call: RpcCall) => Promise<AsyncIterable<Page>>;

/** What serves the calls of a service: one answer, or, for those in `pages`, several. */
export interface RpcHandlers {
  readonly answers?: Readonly<Record<string, Reply<never, object>>>;
  readonly pages?: Readonly<Record<string, Pages<never, object>>>;
}

/** The definitions that are published in `proto/`. */
function loadProto(...files: readonly string[]): PackageDefinition {
  const paths = files.map((file) => `gophermart/v1/${file}`);
  return loadSync(paths, {
    includeDirs: [PROTO ?? ''],
    enums: String,
    longs: String,
    defaults: true,
    oneofs: true,
  });
}

/**
 * The gRPC server of a process. Every call, of health and reflection too, must show `RPC_SECRET`:
 * `authorization: Bearer …`.
 */
export class RpcServer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #server: Server;
  readonly #health = new HealthImplementation({ '': 'NOT_SERVING' });
  readonly #files = new Set<string>();
  #healthTimer: NodeJS.Timeout | undefined;
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
      // A connection whose peer is gone says nothing else.
      'grpc.keepalive_time_ms': 30_000,
      'grpc.keepalive_timeout_ms': 10_000,
    });
  }

  /** Serves a service of `proto/gophermart/v1/<file>`, named without its package. */
  add(file: string, service: string, { answers = {}, pages = {} }: RpcHandlers): void {
    const definition = loadProto(file);
    this.#files.add(file);
    const { gophermart } = loadPackageDefinition(definition);
    const { v1 } = gophermart as GrpcObject;
    const { service: methods } = (v1 as GrpcObject)[service] as ServiceClientConstructor;
    const unary = Object.entries(answers).map(([name, reply]) => [name, this.#answer(reply)]);
    const streams = Object.entries(pages).map(([name, reply]) => [name, this.#stream(reply)]);
    this.#server.addService(
      methods,
      Object.fromEntries([...unary, ...streams]) as Parameters<Server['addService']>[1],
    );
  }

  /** Where it listens; 0 before it does. */
  get port(): number {
    return this.#port;
  }

  /** @throws Error where nobody can listen there. */
  async onApplicationBootstrap(): Promise<void> {
    const { host, port } = this.settings.address ?? { host: 'localhost', port: 0 };
    this.#health.addToServer(this.#server);
    if (this.isReflected)
      new ReflectionService(loadProto(...this.#files)).addToServer(this.#server);
    const address = new URL(baseUrl({ host: host === '' ? '::' : host, port })).host;
    this.#port = await new Promise<number>((resolve, reject) =>
      this.#server.bindAsync(address, this.#credentials(), (error, given) =>
        error
          ? reject(new Error(`gRPC cannot listen at ${address}: ${error.message}`))
          : resolve(given),
      ),
    );
    await this.#tellHealth();
    this.#healthTimer = setInterval(() => void this.#tellHealth(), HEALTH_MS);
  }

  /** Calls that are under way are answered, for a while. */
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#healthTimer);
    const closed = new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve()));
    const timer = setTimeout(() => this.#server.forceShutdown(), STOP_WITHIN_MS);
    await closed;
    clearTimeout(timer);
  }

  #credentials(): ServerCredentials {
    const { certificate, key } = this.settings;
    if (certificate === undefined || key === undefined) return ServerCredentials.createInsecure();
    return ServerCredentials.createSsl(null, [
      { cert_chain: readFileSync(certificate), private_key: readFileSync(key) },
    ]);
  }

  async #tellHealth(): Promise<void> {
    this.#health.setStatus('', (await this.readiness.isReady()) ? 'SERVING' : 'NOT_SERVING');
  }

  #answer(reply: Reply<never, object>) {
    return (call: ServerUnaryCall<never, object>, callback: sendUnaryData<object>): void => {
      reply(call.request, callOf(call)).then(
        (answer) => callback(null, answer),
        (error: unknown) => callback(this.errors.statusOf(error)),
      );
    };
  }

  #stream(reply: Pages<never, object>) {
    return async (call: ServerWritableStream<never, object>): Promise<void> => {
      try {
        for await (const page of await reply(call.request, callOf(call))) {
          if (call.cancelled) return;
          if (!call.write(page)) await drained(call);
        }
        call.end();
      } catch (error) {
        call.emit('error', this.errors.statusOf(error));
      }
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

/** Resolves when the client has read, or is gone. One that does neither is cut off. */
async function drained(call: ServerWritableStream<never, object>): Promise<void> {
  const over = new AbortController();
  const timer = setTimeout(() => {
    call.emit('error', { code: STATUS.DEADLINE_EXCEEDED, details: 'the list was not read' });
    over.abort();
  }, UNREAD_MS);
  const { signal } = over;
  await Promise.race([once(call, 'drain', { signal }), once(call, 'cancelled', { signal })]).catch(
    () => undefined,
  );
  over.abort();
  clearTimeout(timer);
}

/** Refuses calls that do not show the secret, in the same time however much of it is right. */
function asksFor(secret: string): ServerInterceptor {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expected = digest(`Bearer ${secret}`);
  return (_, call) => {
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        const [shown = ''] = metadata.get('authorization');
        if (timingSafeEqual(digest(String(shown)), expected)) next(metadata);
        else
          call.sendStatus({
            code: STATUS.UNAUTHENTICATED,
            details: 'the secret of the service is required: authorization: Bearer …',
          });
      })
      .build();
    const responder = new ResponderBuilder().withStart((next) => next(listener)).build();
    return new ServerInterceptingCall(call, responder);
  };
}
