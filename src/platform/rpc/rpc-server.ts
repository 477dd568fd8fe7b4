import { lookup } from 'node:dns/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type GrpcObject,
  loadPackageDefinition,
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceClientConstructor,
  status as STATUS,
} from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { Readiness } from '../observability/readiness.js';
import { asksFor } from './rpc-admission.js';
import type { RpcErrors } from './rpc-errors.js';
import type { RpcSettings } from './rpc.settings.js';

/** How long a stop waits for calls that are under way, of its 10 s, in milliseconds. */
const STOP_WITHIN_MS = 3_000;

/** How long a page of a list waits for a client that does not read it, in milliseconds. */
const UNREAD_MS = 30_000;

/** Calls of one connection at once. */
const MAX_STREAMS = 1_000;

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
  #isServing = false;
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
    const closed = new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve()));
    const late = pause(STOP_WITHIN_MS, 'late', { ref: false });
    // A peer that does not answer keeps even a forced end from being complete.
    if ((await Promise.race([closed, late])) === 'late') this.#server.forceShutdown();
  }

  #credentials(): ServerCredentials {
    const { certificate, key } = this.settings;
    if (certificate === undefined || key === undefined) return ServerCredentials.createInsecure();
    return ServerCredentials.createSsl(null, [{ cert_chain: certificate, private_key: key }]);
  }

  /** Those who watch it hear of each change once. */
  async #tellHealth(): Promise<void> {
    const isServing = await this.readiness.isReady();
    if (isServing === this.#isServing) return;
    this.#isServing = isServing;
    this.#health.setStatus('', isServing ? 'SERVING' : 'NOT_SERVING');
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
          if (!(await isWritten(call, page))) return;
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

/**
 * One page at a time. False where the client is gone, or has read nothing for a while: nothing more
 * is read from the database for it, and the call ends when it reads on.
 */
function isWritten(call: ServerWritableStream<never, object>, page: object): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (isRead: boolean): void => {
      clearTimeout(timer);
      call.off('cancelled', gone);
      resolve(isRead);
    };
    const gone = (): void => settle(false);
    const timer = setTimeout(() => {
      call.emit('error', { code: STATUS.DEADLINE_EXCEEDED, details: 'the list was not read' });
      settle(false);
    }, UNREAD_MS);
    call.once('cancelled', gone);
    call.write(page, (error?: Error | null) => settle(!error && !call.cancelled));
  });
}
