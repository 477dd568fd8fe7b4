import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface ScriptedReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Of a registration: how long it takes, in milliseconds. */
  readonly afterMs?: number;
}

/** A question about a number; `at` in milliseconds. */
interface AccrualRequest {
  readonly number: string;
  readonly at: number;
  readonly traceparent: unknown;
}

type Script = ScriptedReply | ((request: IncomingMessage, response: ServerResponse) => void);

/** An accrual system that answers as a test tells it to, over a real socket. */
export class ScriptedAccrual {
  readonly #scripts = new Map<string, Script[]>();
  readonly #requests: AccrualRequest[] = [];
  readonly #server = createServer((request, response) => this.#answer(request, response));
  /** What was posted, with its path, and the replies to that; 404 where there is none left. */
  readonly registrations: {
    readonly path: string;
    readonly body: string;
    readonly traceparent: unknown;
  }[] = [];
  readonly registrationReplies: ScriptedReply[] = [];
  /** The reply for a number that has no script of its own. */
  fallback: Script = { status: 204 };

  static async start(): Promise<ScriptedAccrual> {
    const accrual = new ScriptedAccrual();
    await new Promise<void>((resolve) => accrual.#server.listen(0, '127.0.0.1', resolve));
    return accrual;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Those so far, in order. */
  get requests(): readonly AccrualRequest[] {
    return this.#requests;
  }

  /** The replies for `number`, one after another; the last is repeated. */
  script(number: string, ...scripts: Script[]): void {
    this.#scripts.set(number, scripts);
  }

  async #register(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url: path = '', headers: sent } = request;
    const body = await text(request);
    this.registrations.push({ path, body, traceparent: sent['traceparent'] });
    const {
      status,
      headers,
      body: reply,
      afterMs = 0,
    } = this.registrationReplies.shift() ?? {
      status: 404,
    };
    setTimeout(() => response.writeHead(status, headers).end(reply), afterMs);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await once(this.#server.close(), 'close');
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (request.method === 'POST') return void this.#register(request, response);
    const number = request.url?.replace('/api/orders/', '') ?? '';
    const { traceparent } = request.headers;
    this.#requests.push({ number, at: Date.now(), traceparent });
    const scripts = this.#scripts.get(number);
    const script =
      (scripts && (scripts.length > 1 ? scripts.shift() : scripts[0])) ?? this.fallback;
    if (typeof script === 'function') return script(request, response);
    response.writeHead(script.status, script.headers).end(script.body);
  }
}

export function processed(number: string, accrual?: number | string): ScriptedReply {
  const award = accrual === undefined ? '' : `,"accrual":${accrual}`;
  return { status: 200, body: `{"order":"${number}","status":"PROCESSED"${award}}` };
}

export function calculating(
  number: string,
  status: 'REGISTERED' | 'PROCESSING' = 'PROCESSING',
): ScriptedReply {
  return { status: 200, body: `{"order":"${number}","status":"${status}"}` };
}

export function invalid(number: string): ScriptedReply {
  return { status: 200, body: `{"order":"${number}","status":"INVALID"}` };
}
