import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingMessage,
  request as ask,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';

/** Between two checks of a replica, in milliseconds. */
const CHECK_MS = 50;

/** Of one connection; the proxy and its neighbours decide on the next one themselves. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding']);

class Replica {
  readonly agent = new Agent({ keepAlive: true });
  isReady = false;
  answered = 0;

  constructor(readonly url: string) {}
}

/**
 * Spreads requests over replicas as a load balancer does: in turn over those whose last check of
 * `/health/ready` was answered with 200, over connections that are kept. Nothing that was sent is
 * sent again: a request that a replica does not answer fails, with 502.
 */
export class Balancer {
  readonly #server = createServer((request, response) => void this.#pass(request, response));
  readonly #stopped = new AbortController();
  readonly #checks: readonly Promise<void>[];
  readonly #replicas: readonly Replica[];
  #turn = 0;

  private constructor(urls: readonly string[]) {
    this.#replicas = urls.map((url) => new Replica(url));
    this.#checks = this.#replicas.map((replica) => this.#check(replica));
  }

  static async start(urls: readonly string[]): Promise<Balancer> {
    const balancer = new Balancer(urls);
    await once(balancer.#server.listen(0, '127.0.0.1'), 'listening');
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves when the replica at this address has answered so many requests from now on. */
  async untilAnswered(url: string, requests: number): Promise<void> {
    const replica = this.#replicas.find((each) => each.url === url);
    if (!replica) throw new Error(`there is no replica at ${url}`);
    for (const enough = replica.answered + requests; replica.answered < enough;)
      await pause(CHECK_MS);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#server.closeAllConnections();
    this.#server.close();
    await Promise.all(this.#checks);
    for (const { agent } of this.#replicas) agent.destroy();
  }

  async #check(replica: Replica): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      replica.isReady = await fetch(`${replica.url}/health/ready`, { signal })
        .then(async (reply) => (await reply.arrayBuffer(), reply.ok))
        .catch(() => false);
      await pause(CHECK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const replica = await this.#next();
    const { method, url = '', headers } = request;
    const forwarded = ask(
      new URL(url, replica.url),
      { method, headers: endToEnd(headers), agent: replica.agent },
      (reply) => {
        replica.answered++;
        response.writeHead(reply.statusCode ?? 502, endToEnd(reply.headers));
        pipeline(reply, response, () => undefined);
      },
    );
    forwarded.on('error', ({ message }) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end(message);
    });
    pipeline(request, forwarded, () => undefined);
  }

  /** Where none is ready, requests wait for one. */
  async #next(): Promise<Replica> {
    for (;;) {
      const ready = this.#replicas.filter(({ isReady }) => isReady);
      const replica = ready[this.#turn++ % ready.length];
      if (replica) return replica;
      await pause(CHECK_MS);
    }
  }
}

function endToEnd(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)));
}
