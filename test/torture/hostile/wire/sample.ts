import type { Member } from '../../../support/http/client.js';
import type { Random } from '../../support/random.js';

/** A good request as bytes, with the status that it has however often it is sent. */
export interface Sample {
  /** Request line and headers, with the empty line. */
  readonly head: string;
  readonly body: Buffer;
  readonly status: number;
}

/** Bytes for one connection, and what must come of them. */
export interface Volley {
  /** Written one after the other, each as a packet of its own where the kernel lets it. */
  readonly writes: readonly Buffer[];
  /** Written when the first bytes of a reply are there. */
  readonly interjection?: Buffer;
  /** After the last byte: wait, say that nothing more comes, or go away with replies unread. */
  readonly ending: 'wait' | 'half-close' | 'reset';
  /** Where the bytes are good HTTP: the statuses of the replies, in order. */
  readonly expected?: readonly number[];
  /** How many requests may be answered at most, otherwise than by 400. */
  readonly atMost: number;
  /** The status of a request hidden in another's body, which nobody may answer. */
  readonly hidden?: number;
}

/** Makes a volley of a sample; `others` may be sent with it. */
export type Mutation = (sample: Sample, random: Random, others: readonly Sample[]) => Volley;

/** @param number of an order that the member has uploaded, and paid for with a sum of 1. */
export function samplesOf({ token }: Member, number: string): Sample[] {
  const request = (
    status: number,
    line: string,
    body = '',
    type = 'application/json',
    authorization = `Bearer ${token}`,
  ): Sample => {
    const length = Buffer.byteLength(body);
    const framing = length === 0 ? '' : `Content-Type: ${type}\r\nContent-Length: ${length}\r\n`;
    const head =
      `${line} HTTP/1.1\r\nHost: 127.0.0.1\r\n` +
      `Authorization: ${authorization}\r\n${framing}\r\n`;
    return { status, head, body: Buffer.from(body) };
  };
  const paid = (sum: string): string => `{"order":"${number}","sum":${sum}}`;
  return [
    request(200, 'GET /api/user/balance'),
    request(200, 'GET /api/user/orders'),
    request(200, 'GET /api/user/withdrawals'),
    request(200, 'GET /health/live'),
    request(404, 'GET /nothing'),
    request(401, 'GET /api/user/orders', '', '', 'Bearer x'),
    request(405, 'DELETE /api/user/orders'),
    request(200, 'POST /api/user/orders', number, 'text/plain'),
    request(200, 'POST /api/user/orders', `{"number":"${number}"}`),
    request(200, 'POST /api/user/balance/withdraw', paid('1.00')),
    request(409, 'POST /api/user/balance/withdraw', paid('2')),
    request(422, 'POST /api/user/balance/withdraw', paid('0')),
    request(400, 'POST /api/user/login', '{"login":'),
    request(400, 'POST /api/user/register', '{}'),
  ];
}

export function bytesOf({ head, body }: Sample): Buffer {
  return Buffer.concat([Buffer.from(head, 'latin1'), body]);
}

export function withHead(sample: Sample, change: (head: string) => string): Buffer {
  return bytesOf({ ...sample, head: change(sample.head) });
}

/** Puts lines in before the empty one. */
export function withLines(sample: Sample, lines: string): Buffer {
  return withHead(sample, (head) => head.replace(/\r\n$/, `${lines}\r\n\r\n`));
}

/** Good HTTP, however it is delivered: everything is answered. */
export function good(writes: readonly Buffer[], ...expected: readonly number[]): Volley {
  return { writes, ending: 'wait', expected, atMost: expected.length };
}

/** Hardly HTTP: answered once, or refused, or met with silence. */
export function bad(bytes: Buffer | string, ending: Volley['ending'] = 'wait', atMost = 1): Volley {
  return { writes: [Buffer.from(bytes as string, 'latin1')], ending, atMost };
}

/** The sample itself where it has a body, else another that has one. */
export function bodied(sample: Sample, random: Random, others: readonly Sample[]): Sample {
  if (sample.body.length > 0) return sample;
  return random.pick(others.filter(({ body }) => body.length > 0));
}
