import { type Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';

export interface RawReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
}

export interface RawRequest {
  /** A flat list of names and values is sent as it is. */
  readonly headers?: OutgoingHttpHeaders | readonly string[];
  readonly body?: string | Buffer;
  readonly chunked?: boolean;
  readonly agent?: Agent | false;
  readonly signal?: AbortSignal;
}

export function send(
  base: string,
  call: string,
  { headers = {}, body, chunked = false, agent = false, signal }: RawRequest = {},
): Promise<RawReply> {
  const { hostname, port } = new URL(base);
  const [method, path] = call.split(' ', 2);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { hostname, port, method, path, headers: headers as OutgoingHttpHeaders, agent, signal },
      (reply) => {
        const chunks: Buffer[] = [];
        reply.on('data', (chunk: Buffer) => chunks.push(chunk));
        reply.on('error', reject);
        reply.on('end', () => {
          const bytes = Buffer.concat(chunks);
          const { statusCode: status = 0, headers: received } = reply;
          resolve({ status, headers: received, bytes, text: bytes.toString() });
        });
      },
    );
    outgoing.on('error', reject);
    if (chunked) outgoing.flushHeaders();
    outgoing.end(body);
  });
}
