import type { RawReply } from '../../../support/http/raw-http.js';

/** What a connection brought is not a series of HTTP/1.1 replies. */
export class NotHttp extends Error {}

export interface Replies {
  readonly complete: readonly RawReply[];
  /** Bytes of a reply that has not come to its end. */
  readonly unfinished: number;
}

const STATUS_LINE = /^HTTP\/1\.1 (\d{3}) [\x20-\x7e]*$/;
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e\t]*?)[ \t]*$/;

/**
 * Reads replies one after another, strictly: Node's own client would forgive some of what a proxy
 * in between might not.
 *
 * @param closed whether the service has closed the connection, which ends a reply that does not
 * give its length.
 * @throws NotHttp
 */
export function readReplies(bytes: Buffer, closed: boolean): Replies {
  const complete: RawReply[] = [];
  for (let rest = bytes; ;) {
    if (rest.length === 0) return { complete, unfinished: 0 };
    const found = readOne(rest, closed);
    if (!found) return { complete, unfinished: rest.length };
    // 100 Continue is no reply yet.
    if (found.reply.status >= 200) complete.push(found.reply);
    rest = rest.subarray(found.length);
  }
}

function readOne(bytes: Buffer, closed: boolean): { reply: RawReply; length: number } | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) {
    const start = bytes.subarray(0, 9).toString('latin1');
    if (!'HTTP/1.1 '.startsWith(start)) throw new NotHttp('a reply without a status line');
    return undefined;
  }
  const [statusLine = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const status = Number(STATUS_LINE.exec(statusLine)?.[1]);
  if (!status) throw new NotHttp(`the status line ${JSON.stringify(statusLine)}`);
  const headers = readFields(lines);
  const body = readBody(bytes.subarray(end + 4), status, headers, closed);
  return (
    body && {
      reply: { status, headers, bytes: body.bytes, text: body.bytes.toString() },
      length: end + 4 + body.length,
    }
  );
}

function readFields(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const [, name, value = ''] = FIELD.exec(line) ?? [];
    if (name === undefined) throw new NotHttp(`the header line ${JSON.stringify(line)}`);
    headers[name.toLowerCase()] = value;
  }
  return headers;
}

interface Body {
  readonly bytes: Buffer;
  /** With its framing. */
  readonly length: number;
}

function readBody(
  rest: Buffer,
  status: number,
  headers: Record<string, string>,
  closed: boolean,
): Body | undefined {
  if (status < 200 || status === 204 || status === 304)
    return { bytes: Buffer.alloc(0), length: 0 };
  const { 'content-length': announced, 'transfer-encoding': coding } = headers;
  if (coding !== undefined) {
    if (announced !== undefined)
      throw new NotHttp('a reply with both Content-Length and Transfer-Encoding');
    return readChunks(rest);
  }
  if (announced === undefined) return closed ? { bytes: rest, length: rest.length } : undefined;
  if (!/^\d+$/.test(announced)) throw new NotHttp(`the Content-Length ${announced}`);
  const length = Number(announced);
  return rest.length < length ? undefined : { bytes: rest.subarray(0, length), length };
}

function readChunks(rest: Buffer): Body | undefined {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = rest.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = parseInt(rest.subarray(at, lineEnd).toString('latin1'), 16);
    if (!(size >= 0)) throw new NotHttp('a chunk without its size');
    const start = lineEnd + 2;
    if (rest.length < start + size + 2) return undefined;
    chunks.push(rest.subarray(start, start + size));
    at = start + size + 2;
    if (size === 0) return { bytes: Buffer.concat(chunks), length: at };
  }
}
