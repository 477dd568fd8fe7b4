import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { eventually } from '../eventually.js';

/** An event of a stream, as `EventSource` would tell of it. */
export interface ReceivedEvent {
  readonly type: string;
  readonly id: string;
  readonly data: unknown;
}

/** Reads a stream of events (WHATWG HTML, 9.2.6), over a connection of its own. */
export class EventReader {
  readonly events: ReceivedEvent[] = [];
  /** Of the last event, or what came without one. */
  lastId = '';
  comments = 0;
  isEnded = false;
  #rest = '';

  private constructor(
    readonly status: number,
    readonly headers: IncomingHttpHeaders,
    readonly close: () => void,
  ) {}

  /** Resolves when the head of the reply is there, and with 200 the first id. */
  static async open(
    url: string,
    authorization: string,
    { after, ...headers }: OutgoingHttpHeaders & { readonly after?: string } = {},
  ): Promise<EventReader> {
    const query = after === undefined ? '' : `?after=${after}`;
    const reader = await new Promise<EventReader>((resolve, reject) => {
      const sent = request(`${url}/api/user/events${query}`, {
        agent: false,
        headers: { authorization, ...headers },
      });
      sent.on('error', reject);
      sent.on('response', (reply) => {
        const found = new EventReader(reply.statusCode ?? 0, reply.headers, () => sent.destroy());
        reply.setEncoding('utf8');
        reply.on('data', (text: string) => found.#read(text));
        for (const end of ['end', 'error'])
          reply.on(end, () => {
            found.isEnded = true;
          });
        resolve(found);
      });
      sent.end();
    });
    if (reader.status === 200)
      await eventually('it has begun', () => reader.lastId !== '' || reader.isEnded);
    return reader;
  }

  /** Types and data, when there are so many events. */
  async heard(count: number): Promise<readonly (readonly [string, unknown])[]> {
    await eventually(`${count} events`, () => this.events.length >= count);
    return this.events.map(({ type, data }) => [type, data]);
  }

  #read(text: string): void {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) this.#readBlock(block.split('\n'));
  }

  #readBlock(lines: readonly string[]): void {
    const fields = new Map(
      lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
    );
    if (fields.has('')) this.comments++;
    this.lastId = fields.get('id') ?? this.lastId;
    const data = fields.get('data');
    if (data === undefined) return;
    const type = fields.get('event') ?? 'message';
    this.events.push({ type, id: this.lastId, data: JSON.parse(data) as unknown });
  }
}
