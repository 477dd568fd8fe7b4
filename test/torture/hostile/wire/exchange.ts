import { type Agent, request } from 'node:http';
import { gunzipSync, inflateSync } from 'node:zlib';
import type { RawReply } from '../../../support/http/raw-http.js';
import type { HostileRequest } from '../requests/hostile-request.js';

/**
 * The service answers everything within its own time-outs, of which the shortest is 15 s; it has no
 * reason to come near them.
 */
const REPLY_WITHIN_MS = 10_000;

/**
 * Sends a request with exactly these headers, and reads the reply; `text` is unpacked.
 *
 * @throws Error when there is no reply, or one that Node's own parser refuses.
 */
export async function exchange(
  agent: Agent,
  base: string,
  hostile: HostileRequest,
): Promise<RawReply> {
  try {
    return await attempt(agent, base, hostile);
  } catch (error) {
    // The service closed a connection that it had kept open, while this request was on its way: any
    // client tries again.
    if (error instanceof Stale) return attempt(agent, base, hostile);
    throw error;
  }
}

class Stale extends Error {}

function attempt(
  agent: Agent,
  base: string,
  { method, target, headers, body, chunked }: HostileRequest,
): Promise<RawReply> {
  const { hostname, port } = new URL(base);
  const framing = !body
    ? []
    : chunked
      ? ['Transfer-Encoding', 'chunked']
      : ['Content-Length', String(body.length)];
  // A flat list is sent as it is: Node adds nothing, and joins nothing that stands twice.
  const flat = ['Host', `${hostname}:${port}`, ...headers.flat(), ...framing];
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(REPLY_WITHIN_MS);
    const outgoing = request(
      { hostname, port, method, path: target, headers: flat as never, agent, signal },
      (reply) => {
        const chunks: Buffer[] = [];
        reply.on('data', (chunk: Buffer) => chunks.push(chunk));
        reply.on('error', reject);
        reply.on('end', () => {
          const bytes = Buffer.concat(chunks);
          const { statusCode: status = 0, headers: received } = reply;
          try {
            resolve({
              status,
              headers: received,
              bytes,
              text: unpack(bytes, received['content-encoding']),
            });
          } catch (error) {
            reject(new Error(`the reply cannot be unpacked: ${(error as Error).message}`));
          }
        });
      },
    );
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      reject(outgoing.reusedSocket && error.code === 'ECONNRESET' ? new Stale() : error);
    });
    if (chunked) outgoing.flushHeaders();
    outgoing.end(body);
  });
}

function unpack(bytes: Buffer, encoding: string | undefined): string {
  if (encoding === undefined || bytes.length === 0) return bytes.toString();
  if (encoding === 'gzip') return gunzipSync(bytes).toString();
  if (encoding === 'deflate') return inflateSync(bytes).toString();
  throw new Error(`its encoding is ${encoding}`);
}
