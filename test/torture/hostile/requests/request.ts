import { Agent } from 'node:http';
import { gunzipSync, inflateSync } from 'node:zlib';
import { type RawReply, send } from '../../../support/http/raw-http.js';
import type { Operation } from '../api-document.js';

export type Header = readonly [name: string, value: string];

/** A request that is HTTP, whatever else it may be. */
export interface HostileRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly Header[];
  readonly body?: Buffer;
  readonly chunked?: boolean;
  /** The documented operation it is for; undefined for a route that is not in the document. */
  readonly operation?: Operation;
  /** The body is beyond the limit, as sent or unpacked. */
  readonly oversized?: boolean;
  /** The body before it was packed. */
  readonly plain?: string;
}

/** The service's own shortest time-out is 15 s; it has no reason to come near that. */
const REPLY_WITHIN_MS = 10_000;

/**
 * Sends a request with exactly these headers, and reads the reply; `text` is unpacked.
 *
 * @throws Error when there is no reply, or one that Node's own parser refuses.
 */
export async function exchange(
  agent: Agent,
  base: string,
  { method, target, headers, body, chunked = false }: HostileRequest,
): Promise<RawReply> {
  const framing = chunked ? ['Transfer-Encoding', 'chunked'] : ['Content-Length', body?.length];
  const flat = ['Host', new URL(base).host, ...headers.flat(), ...(body ? framing : [])].map(
    String,
  );
  const attempt = (): Promise<RawReply> => {
    const signal = AbortSignal.timeout(REPLY_WITHIN_MS);
    const request = { headers: flat, chunked: chunked && body !== undefined, agent, signal };
    return send(base, `${method} ${target}`, { ...request, ...(body && { body }) });
  };
  const reply = await attempt().catch((error: unknown) => {
    // The service has closed a connection that it had kept, while this request was on its way.
    if ((error as NodeJS.ErrnoException).code === 'ECONNRESET') return attempt();
    throw error;
  });
  return { ...reply, text: unpack(reply.bytes, reply.headers['content-encoding']) };
}

function unpack(bytes: Buffer, encoding: string | undefined): string {
  if (encoding === undefined || bytes.length === 0) return bytes.toString();
  if (encoding === 'gzip') return gunzipSync(bytes).toString();
  if (encoding === 'deflate') return inflateSync(bytes).toString();
  throw new Error(`the encoding of the reply is ${encoding}`);
}

/** As on the wire, a line break as ⏎, and not longer than a report can bear. */
export function printRequest({ method, target, headers, body, chunked }: HostileRequest): string {
  const lines = [`${method} ${target}`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  const head = lines.map((line) => escape(Buffer.from(line, 'latin1'), 300)).join(' ⏎ ');
  if (!body) return head;
  return `${head} ⏎⏎ ${escape(body)} (${body.length} bytes${chunked ? ', chunked' : ''})`;
}

/** Bytes for a report, `\x1f` for what cannot be seen; the middle of a long text is left out. */
export function escape(bytes: Buffer, longest = 700): string {
  const isLong = bytes.length > longest;
  const shown = isLong ? [bytes.subarray(0, longest - 60), bytes.subarray(-60)] : [bytes];
  const short: Readonly<Record<string, string>> = { '\r': '\\r', '\n': '\\n', '\t': '\\t' };
  const print = (each: string): string =>
    short[each] ?? `\\x${each.charCodeAt(0).toString(16).padStart(2, '0')}`;
  const printed = shown.map((part) => part.toString('latin1').replace(/[^\x20-\x7e]|\\/g, print));
  return printed.join(` … ${bytes.length - longest} bytes … `);
}
