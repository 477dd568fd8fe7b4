import type { Operation } from '../document/api-document.js';

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

/**
 * As it would stand on the wire, a line break shown as ⏎, other invisible bytes escaped, and not
 * longer than a report can bear.
 */
export function printRequest({ method, target, headers, body, chunked }: HostileRequest): string {
  const lines = [`${method} ${target}`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  const head = lines.map((line) => escape(Buffer.from(line, 'latin1'), 300)).join(' ⏎ ');
  return body
    ? `${head} ⏎⏎ ${escape(body)} (${body.length} bytes${chunked ? ', chunked' : ''})`
    : head;
}

/**
 * Bytes for a report: `\r\n` and `\x1f` for what cannot be seen; the middle of a long text is left
 * out.
 */
export function escape(bytes: Buffer, longest = 700): string {
  const shown =
    bytes.length <= longest ? [bytes] : [bytes.subarray(0, longest - 60), bytes.subarray(-60)];
  const printed = shown.map((part) =>
    part
      .toString('latin1')
      .replace(
        /[^\x20-\x7e]|\\/g,
        (each) => SHORT[each] ?? `\\x${each.charCodeAt(0).toString(16).padStart(2, '0')}`,
      ),
  );
  return printed.join(` … ${bytes.length - longest} bytes … `);
}

const SHORT: Readonly<Record<string, string>> = {
  '\r': '\\r',
  '\n': '\\n',
  '\t': '\\t',
  '\\': '\\\\',
};
