import { type Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';

/**
 * A reply exactly as it came over the wire: `fetch` would unpack it and add headers to the request.
 */
export interface RawReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
}

export interface RawRequest {
  /** A flat list of names and values is sent as it is, doubles and all. */
  readonly headers?: OutgoingHttpHeaders | readonly string[];
  readonly body?: string | Buffer;
  /** Send the body in chunks, without saying how long it is. */
  readonly chunked?: boolean;
  /** Keeps connections; without one each request has a connection of its own. */
  readonly agent?: Agent;
  /** Gives the request up when it aborts. */
  readonly signal?: AbortSignal;
}

/** A request each of whose headers stands once. */
export interface PlainRequest extends RawRequest {
  readonly headers?: OutgoingHttpHeaders;
}

/**
 * @param call method and path, as in `GET /api/user/orders`; nothing is added to the headers but
 * Host and the length.
 */
export function send(
  base: string,
  call: string,
  { headers = {}, body, chunked = false, agent, signal }: RawRequest = {},
): Promise<RawReply> {
  const { hostname, port } = new URL(base);
  const [method, path] = call.split(' ', 2);
  return new Promise((resolve, reject) => {
    const options = { hostname, port, method, path, agent: agent ?? false, signal };
    const sent = headers as OutgoingHttpHeaders;
    const outgoing = request({ ...options, headers: sent }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.on('error', reject);
      reply.on('end', () => {
        const bytes = Buffer.concat(chunks);
        resolve({
          status: reply.statusCode ?? 0,
          headers: reply.headers,
          bytes,
          text: bytes.toString(),
        });
      });
    });
    outgoing.on('error', reject);
    if (chunked) outgoing.flushHeaders();
    outgoing.end(body);
  });
}

export function json(body: string | Buffer, headers: OutgoingHttpHeaders = {}): PlainRequest {
  return { headers: { 'content-type': 'application/json', ...headers }, body };
}

export function text(body: string | Buffer, headers: OutgoingHttpHeaders = {}): PlainRequest {
  return { headers: { 'content-type': 'text/plain', ...headers }, body };
}

/**
 * Writes `bytes` to a connection of their own and reads it to its end: for what is not HTTP, or
 * hardly.
 */
export function sendBytes(base: string, bytes: string): Promise<RawReply> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(readReply(Buffer.concat(chunks).toString())));
  });
}

function readReply(reply: string): RawReply {
  const [head = '', ...rest] = reply.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  );
  const body = rest.join('\r\n\r\n');
  return {
    status: Number(statusLine.split(' ')[1]),
    headers,
    bytes: Buffer.from(body),
    text: body,
  };
}
