import { printKopecks } from '../../support/kopecks.js';

/** Wall-clock milliseconds between which something happened. */
export interface Moment {
  readonly from: number;
  readonly to: number;
}

/** One line of a list. Rows of one `turn` were asked for at once, and may stand in any order. */
export interface ExpectedRow {
  readonly fields: Readonly<Record<string, string | bigint>>;
  /** Members that tell times, and when that was. */
  readonly times: Readonly<Record<string, Moment>>;
  readonly turn: number;
}

export interface ExpectedList {
  /** The members that tell its rows apart. */
  readonly identifiedBy: readonly string[];
  /** Of the times the one that it is ordered by, newest first. */
  readonly orderedBy: string;
  readonly rows: readonly ExpectedRow[];
  /** Rows have an id and the balance after them, which follows from the row before. */
  readonly isLedger?: boolean;
  /** Rows were left out. */
  readonly isPart?: boolean;
}

/** All numbers are read as kopecks. */
export type Row = Readonly<Record<string, string | bigint | undefined>>;

/** Times are compared across processes; a clock that was just corrected is no finding. */
const CLOCK_SLACK_MS = 1_000;

/** The rows of a list as they come, all at once or page by page. */
export class ShownRows {
  readonly #seen = new Map<string, Row>();
  #previous: { readonly turn: number; readonly at: string } | undefined;

  get count(): number {
    return this.#seen.size;
  }

  get all(): Row[] {
    return [...this.#seen.values()];
  }

  /** @returns what is wrong with the next rows of a list. */
  add(rows: readonly Row[], expected: ExpectedList): string | undefined {
    for (const row of rows) {
      const problem = this.#problemOf(row, expected);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  /** @returns what is wrong with the list when its last row has come. */
  end(expected: ExpectedList): string | undefined {
    const missing = expected.rows.find(({ fields }) => !this.#seen.has(keyOf(fields, expected)));
    if (missing) return `no row ${print(missing.fields)}`;
    return expected.isLedger && !expected.isPart ? gapIn(this.all) : undefined;
  }

  #problemOf(row: Row, expected: ExpectedList): string | undefined {
    const key = keyOf(row, expected);
    const wanted = expected.rows.find(({ fields }) => keyOf(fields, expected) === key);
    if (!wanted) return `a row ${print(row)}`;
    if (this.#seen.has(key)) return `${print(row)} twice`;
    const problem = problemOfRow(row, wanted, expected.isLedger ? ['id', 'balance_after'] : []);
    if (problem !== undefined) return problem;
    const { turn } = wanted;
    const at = String(row[expected.orderedBy]);
    const previous = this.#previous;
    if (previous && (turn > previous.turn || at > previous.at)) return 'another order of rows';
    this.#previous = { turn, at };
    this.#seen.set(key, row);
    return undefined;
  }
}

/** @param free members that nobody can foretell, but which must be there. */
export function problemOfRow(
  row: Row,
  { fields, times }: Pick<ExpectedRow, 'fields' | 'times'>,
  free: readonly string[] = [],
): string | undefined {
  const unforetold = [...free, ...Object.keys(times)];
  const missing = unforetold.find((member) => row[member] === undefined);
  if (missing !== undefined) return `no ${missing} in ${print(row)}`;
  const rest = Object.fromEntries(
    Object.entries(row).filter(([member]) => !unforetold.includes(member)),
  );
  if (!same(rest, fields)) return `a row ${print(rest)}, not ${print(fields)}`;
  for (const [member, { from, to }] of Object.entries(times)) {
    const ms = Date.parse(String(row[member]));
    if (!(ms >= from - CLOCK_SLACK_MS && ms <= to + CLOCK_SLACK_MS))
      return `the time ${member} in ${print(row)}`;
  }
  return undefined;
}

/** Each balance is the one before with the amount, and none is below zero. */
function gapIn(newestFirst: readonly Row[]): string | undefined {
  let balance = 0n;
  for (const row of newestFirst.toReversed()) {
    balance += row['amount'] as bigint;
    if (row['balance_after'] !== balance || balance < 0n)
      return `${print(row)}, where the balance is ${printKopecks(balance)}`;
  }
  return undefined;
}

export function keyOf(row: Row, { identifiedBy }: ExpectedList): string {
  return identifiedBy.map((member) => String(row[member] ?? '')).join(' ');
}

export function same(left: unknown, right: unknown): boolean {
  return print(left, Infinity) === print(right, Infinity);
}

/** Whatever the order of keys. */
export function print(value: unknown, longest = 60): string {
  if (typeof value === 'bigint') return printKopecks(value);
  if (typeof value !== 'object' || value === null) return shorten(JSON.stringify(value), longest);
  const entries = Object.entries(value).map(([key, each]) => `${key}: ${print(each, longest)}`);
  return `{${entries.sort().join(', ')}}`;
}

/** Texts of a story: a number of a thousand digits would fill pages. */
export function shorten(text: string, longest = 400): string {
  if (text.length <= longest) return text;
  return `${text.slice(0, longest / 2)}… (${text.length} characters) …${text.slice(-30)}`;
}
