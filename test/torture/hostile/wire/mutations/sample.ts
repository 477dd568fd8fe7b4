import type { Random } from '../../../support/random.js';
import type { Volley } from '../raw-exchange.js';

/** A good request as bytes, with the status that it has however often it is sent. */
export interface Sample {
  /** Request line and headers, with the empty line. */
  readonly head: string;
  readonly body: Buffer;
  readonly status: number;
}

/** Makes a volley of a sample; `others` may be sent with it. */
export type Mutation = (
  sample: Sample,
  random: Random,
  others: readonly Sample[],
) => Omit<Volley, 'kind'>;

export const CRLF = '\r\n';

export function bytesOf({ head, body }: Sample): Buffer {
  return Buffer.concat([Buffer.from(head, 'latin1'), body]);
}

export function withHead(sample: Sample, change: (head: string) => string): Buffer {
  return bytesOf({ ...sample, head: change(sample.head) });
}

/** Puts lines in before the empty one. */
export function withLines(sample: Sample, ...lines: readonly string[]): Buffer {
  return withHead(sample, (head) => head.replace(/\r\n$/, `${lines.join(CRLF)}${CRLF}${CRLF}`));
}

/** Good HTTP, however it is delivered: everything is answered. */
export function good(
  writes: readonly Buffer[],
  ...expected: readonly number[]
): Omit<Volley, 'kind'> {
  return { writes, ending: 'wait', expected, atMost: expected.length };
}

/** Hardly HTTP: answered once, or refused, or met with silence. */
export function bad(
  bytes: Buffer | string,
  ending: Volley['ending'] = 'wait',
  atMost = 1,
): Omit<Volley, 'kind'> {
  return {
    writes: [typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes],
    ending,
    atMost,
  };
}

/** The sample itself where it has a body, else another that has one. */
export function bodied(sample: Sample, random: Random, others: readonly Sample[]): Sample {
  return sample.body.length > 0
    ? sample
    : random.pick(others.filter(({ body }) => body.length > 0));
}
