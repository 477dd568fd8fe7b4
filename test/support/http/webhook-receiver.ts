import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { freePort } from '../processes/service-process.js';

/** A CloudEvent as it was posted. */
export interface PostedEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Post {
  readonly event: PostedEvent;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What a test has it answer: a status, or whatever is done with the response, or nothing. */
export type Answer = number | ((response: ServerResponse) => void) | undefined;

/** A receiver of webhooks on loopback. It verifies each by the package of the specification. */
export class WebhookReceiver {
  static readonly SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

  /** Every request that came, in order; and those of them that were answered with 2xx. */
  readonly posts: Post[] = [];
  readonly taken: PostedEvent[] = [];
  connections = 0;
  /** Of each event; undefined: no answer ever. */
  answer: (event: PostedEvent) => Answer = () => 204;
  readonly #signature = new Webhook(WebhookReceiver.SECRET);
  readonly #server = createServer((request, response) => void this.#receive(request, response));
  readonly #sockets = new Set<Socket>();
  #port = 0;

  constructor() {
    this.#server.on('connection', (socket: Socket) => {
      this.connections++;
      this.#sockets.add(socket);
    });
  }

  static async start(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver();
    await receiver.restart();
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/hooks`;
  }

  /** On the port that it had. */
  async restart(): Promise<void> {
    // None that the system could give to somebody else while nobody listens.
    this.#port ||= await freePort();
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** The ids of what was taken of this user, or of all. */
  idsOf(subject?: string): string[] {
    return this.taken
      .filter((event) => subject === undefined || event.subject === subject)
      .map(({ id }) => id);
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { headers, url: path = '' } = request;
    const body = await text(request);
    const event = this.#signature.verify(body, headers as Record<string, string>) as PostedEvent;
    this.posts.push({ event, path, headers, at: Date.now() });
    const answer = this.answer(event);
    if (answer === undefined) return;
    if (typeof answer === 'function') {
      answer(response);
      return;
    }
    if (answer >= 200 && answer < 300) this.taken.push(event);
    response.writeHead(answer).end();
  }
}
