import type { RawReply } from '../../support/http/raw-http.js';
import { printKopecks, readJson } from '../support/kopecks.js';

/** Wall-clock milliseconds between which something happened. */
export interface Moment {
  readonly from: number;
  readonly to: number;
}

/** One line of a list. Rows of one `turn` were asked for at once, and may stand in any order. */
export interface ExpectedRow {
  readonly fields: Readonly<Record<string, string | bigint>>;
  readonly turn: number;
  readonly moment: Moment;
}

/** What the model says a reply must be. */
export type Expectation = { readonly status: number } & (
  | { readonly kind: 'empty' | 'token' }
  | { readonly kind: 'refusal'; readonly messages: readonly string[] }
  | { readonly kind: 'balance'; readonly current: bigint; readonly withdrawn: bigint }
  | { readonly kind: 'list'; readonly timeField: string; readonly rows: readonly ExpectedRow[] }
);

/** Times are compared across processes; a clock that was just corrected is no finding. */
const CLOCK_SLACK_MS = 1_000;

const TOKEN = /^Bearer [\w-]+\.[\w-]+\.[\w-]+$/;

/** Why `reply` is not what the model expects; undefined where it is. */
export function disagreement(expected: Expectation, reply: RawReply): string | undefined {
  const isStatus = reply.status === expected.status;
  const problem = isStatus ? aboutContent(expected, reply) : `${reply.status}`;
  const got = `${problem}${reply.text && ` ${shorten(reply.text)}`}`;
  return problem && `expected ${describe(expected)}, got ${got}`;
}

function aboutContent(expected: Expectation, reply: RawReply): string | undefined {
  const { status, headers, text } = reply;
  const type = headers['content-type'];
  if (expected.kind === 'token' && !TOKEN.test(headers.authorization ?? ''))
    return `no token, but ${headers.authorization}`;
  if (expected.kind === 'token' || expected.kind === 'empty') {
    if (text !== '') return 'a body';
    return status === 204 && type !== undefined ? 'a content type of nothing' : undefined;
  }
  if (!type?.startsWith('application/json')) return `a content type ${type}`;
  let shown: unknown;
  try {
    shown = readJson(text);
  } catch (error) {
    return (error as Error).message;
  }
  switch (expected.kind) {
    case 'refusal': {
      // All numbers are read as kopecks.
      const code = BigInt(status) * 100n;
      const { error, detail, ...rest } = shown as Row;
      if (!/^Err[A-Z]/.test(String(error)) || typeof detail !== 'string' || detail === '')
        return 'a refusal without its name or a detail';
      const isOne = expected.messages.some((message) => same(rest, { code, message }));
      return isOne ? undefined : 'another refusal';
    }
    case 'balance': {
      const { current, withdrawn } = expected;
      return same(shown, { current, withdrawn }) ? undefined : 'another balance';
    }
    case 'list':
      return Array.isArray(shown) ? aboutRows(expected, shown as Row[]) : 'no list';
  }
}

type Row = Record<string, unknown>;

function aboutRows(
  { rows, timeField }: Extract<Expectation, { kind: 'list' }>,
  shown: readonly Row[],
): string | undefined {
  if (shown.length !== rows.length) return `${shown.length} rows`;
  const unseen = new Set(rows);
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
    if (previous && (row.turn > previous.turn || at > previous.at)) return 'another order of rows';
    previous = { turn: row.turn, at };
  }
  return undefined;
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
  const { status } = expected;
  switch (expected.kind) {
    case 'empty':
    case 'token':
      return `${status}`;
    case 'refusal':
      return `${status} «${expected.messages.join('» or «')}»`;
    case 'balance':
      return `${status} ${print({ current: expected.current, withdrawn: expected.withdrawn })}`;
    case 'list':
      return `${status} [${expected.rows.map(({ fields }) => print(fields)).join(', ')}]`;
  }
}

/** Texts of a story: a number of a thousand digits would fill pages. */
export function shorten(text: string, longest = 400): string {
  if (text.length <= longest) return text;
  return `${text.slice(0, longest / 2)}… (${text.length} characters) …${text.slice(-30)}`;
}
