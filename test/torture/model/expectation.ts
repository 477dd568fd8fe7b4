import { isLosslessNumber, parse } from 'lossless-json';
import type { RawReply } from '../../support/http/raw-http.js';
import { printKopecks } from '../support/kopecks.js';

/** Wall-clock milliseconds between which something happened. */
export interface Moment {
  readonly from: number;
  readonly to: number;
}

/**
 * One line of a list. Rows with the same `turn` were asked for at once: they may stand in either
 * order.
 */
export interface ExpectedRow {
  readonly fields: Readonly<Record<string, string | bigint>>;
  readonly turn: number;
  readonly moment: Moment;
}

/** What the model says a reply must be. */
export type Expectation =
  | { readonly status: number; readonly kind: 'empty' }
  | { readonly status: number; readonly kind: 'token' }
  | { readonly status: number; readonly kind: 'refusal'; readonly messages: readonly string[] }
  | {
      readonly status: number;
      readonly kind: 'balance';
      readonly current: bigint;
      readonly withdrawn: bigint;
    }
  | {
      readonly status: number;
      readonly kind: 'list';
      readonly timeField: string;
      readonly rows: readonly ExpectedRow[];
    };

/**
 * Times are compared across processes of one machine; a clock that was just corrected is no
 * finding, in milliseconds.
 */
const CLOCK_SLACK_MS = 1_000;

const TOKEN = /^Bearer [\w-]+\.[\w-]+\.[\w-]+$/;

/** Why `reply` is not what the model expects; undefined where it is. */
export function disagreement(expected: Expectation, reply: RawReply): string | undefined {
  const problem =
    reply.status === expected.status ? aboutContent(expected, reply) : `${reply.status}`;
  return (
    problem &&
    `expected ${describe(expected)}, got ${problem}${reply.text && ` ${shorten(reply.text)}`}`
  );
}

function aboutContent(expected: Expectation, reply: RawReply): string | undefined {
  switch (expected.kind) {
    case 'token':
      if (!TOKEN.test(reply.headers.authorization ?? ''))
        return `no token, but ${reply.headers.authorization}`;
      return aboutEmptiness(reply);
    case 'empty':
      return aboutEmptiness(reply);
    default:
      if (!reply.headers['content-type']?.startsWith('application/json'))
        return `a content type ${reply.headers['content-type']}`;
      return aboutJson(expected, reply.text);
  }
}

function aboutEmptiness({ status, text, headers }: RawReply): string | undefined {
  if (text !== '') return 'a body';
  return status === 204 && headers['content-type'] !== undefined
    ? `a content type of nothing`
    : undefined;
}

function aboutJson(
  expected: Exclude<Expectation, { kind: 'token' | 'empty' }>,
  text: string,
): string | undefined {
  let shown: unknown;
  try {
    shown = withKopecks(parse(text));
  } catch (error) {
    return (error as Error).message;
  }
  switch (expected.kind) {
    case 'refusal':
      return expected.messages.some((message) =>
        same(shown, { code: BigInt(expected.status) * 100n, message }),
      )
        ? undefined
        : 'another refusal';
    case 'balance':
      return same(shown, { current: expected.current, withdrawn: expected.withdrawn })
        ? undefined
        : 'another balance';
    case 'list':
      return Array.isArray(shown)
        ? aboutRows(expected.rows, shown as Row[], expected.timeField)
        : 'no list';
  }
}

type Row = Record<string, unknown>;

function aboutRows(
  expected: readonly ExpectedRow[],
  shown: readonly Row[],
  timeField: string,
): string | undefined {
  if (shown.length !== expected.length) return `${shown.length} rows`;
  const unseen = new Set(expected);
  let previous: { turn: number; at: string } | undefined;
  for (const { [timeField]: time, ...fields } of shown) {
    const at = String(time);
    const row = [...unseen].find((each) => same(fields, each.fields));
    if (!row) return `a row ${print(fields)}`;
    unseen.delete(row);
    const { from, to } = row.moment;
    const ms = Date.parse(at);
    if (!(ms >= from - CLOCK_SLACK_MS && ms <= to + CLOCK_SLACK_MS))
      return `the time ${at} in ${print(fields)}`;
    // Two calls one after the other, to two replicas, may still fall into the same millisecond.
    if (previous && (row.turn > previous.turn || at > previous.at) && at !== previous.at)
      return 'another order of rows';
    previous = { turn: row.turn, at };
  }
  return undefined;
}

/**
 * Numbers in the text as kopecks, and exactly: a number with a third decimal, or an exponent, stays
 * what it is and equals nothing.
 */
function withKopecks(value: unknown): unknown {
  if (isLosslessNumber(value)) {
    const [, whole = '', decimals = ''] = /^(\d+)(?:\.(\d{1,2}))?$/.exec(value.value) ?? [];
    return whole === '' ? value.value : BigInt(whole + decimals.padEnd(2, '0'));
  }
  if (Array.isArray(value)) return value.map(withKopecks);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withKopecks(each)]));
}

function same(left: unknown, right: unknown): boolean {
  return print(left, Infinity) === print(right, Infinity);
}

/** Whatever the order of keys. */
function print(value: unknown, longest = 60): string {
  if (typeof value === 'bigint') return printKopecks(value);
  if (typeof value !== 'object' || value === null) return shorten(JSON.stringify(value), longest);
  const entries = Object.entries(value).map(([key, each]) => `${key}: ${print(each, longest)}`);
  return `{${entries.sort().join(', ')}}`;
}

function describe(expected: Expectation): string {
  switch (expected.kind) {
    case 'empty':
    case 'token':
      return `${expected.status}`;
    case 'refusal':
      return `${expected.status} «${expected.messages.join('» or «')}»`;
    case 'balance':
      return `${expected.status} with ${printKopecks(expected.current)} current and ${printKopecks(expected.withdrawn)} withdrawn`;
    case 'list':
      return `${expected.status} [${expected.rows.map(({ fields }) => print(fields)).join(', ')}]`;
  }
}

/** Texts of a story: a number of a thousand digits would drown it. */
export function shorten(text: string, longest = 400): string {
  return text.length <= longest
    ? text
    : `${text.slice(0, longest / 2)}… (${text.length} characters) …${text.slice(-30)}`;
}
