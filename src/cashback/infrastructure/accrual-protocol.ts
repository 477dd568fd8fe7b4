import { isLosslessNumber, parse } from 'lossless-json';
import { ImpossibleSum, Money } from '../../kernel/domain/money.js';
import type { OrderNumber } from '../../kernel/domain/order-number.js';
import { LONGEST_PAUSE_MS } from '../domain/gate-snapshot.js';
import type { AccrualReply } from '../domain/task.js';

/** A reply of the accrual system as it came, not checked yet. */
export interface RawReply {
  readonly status: number;
  readonly retryAfter?: string | undefined;
  /** When it was sent, by the clock that a date in Retry-After goes by. */
  readonly date?: string | undefined;
  readonly body: string;
}

/** The shortest pause after a 429, and that after one which names none. */
const SHORTEST_PAUSE_MS = 1_000;

/**
 * Reads a reply by the contract's table (SPEC 2). What is not in the table, or contradicts itself,
 * is a fault.
 *
 * @param number the order that was requested.
 * @param now in milliseconds since 1970, for a date in Retry-After of a reply that has none itself.
 */
export function readReply(
  number: OrderNumber,
  { status, retryAfter, date, body }: RawReply,
  now: number,
): AccrualReply {
  switch (status) {
    case 200:
      return readOrder(number, body);
    case 204:
      return { kind: 'unknown' };
    case 429:
      return limited(now, retryAfter, date, body);
    default:
      return fault(`status ${status}`);
  }
}

/**
 * Reads the reply to the registration of a number that was unknown. It is asked about later, also
 * where somebody else has registered it meanwhile.
 */
export function readRegistration(
  { status, retryAfter, date, body }: RawReply,
  now: number,
): AccrualReply {
  switch (status) {
    case 202:
    case 409:
      return { kind: 'unknown' };
    case 429:
      return limited(now, retryAfter, date, body);
    default:
      return fault(`status ${status} of the registration`);
  }
}

function limited(now: number, retryAfter = '', date = '', body = ''): AccrualReply {
  return {
    kind: 'limited',
    pauseMs: readPause(now, retryAfter, date),
    ratePerMinute: readLimit(body),
  };
}

function readOrder(number: OrderNumber, body: string): AccrualReply {
  let value: unknown;
  try {
    // A byte order mark is not JSON, but some servers begin with it (RFC 8259, 8.1).
    value = parse(body.replace(/^\ufeff/, ''));
  } catch {
    return fault('the body is not JSON');
  }
  if (typeof value !== 'object' || value === null) return fault('the body is not an object');
  const { order, status, accrual } = value as Record<string, unknown>;
  if (order !== number.value) return fault('the reply is about another order');
  switch (status) {
    case 'REGISTERED':
    case 'PROCESSING':
      return { kind: 'calculating' };
    case 'INVALID':
      return { kind: 'invalid' };
    case 'PROCESSED':
      return readAccrual(accrual);
    default:
      return fault('the status is unknown');
  }
}

function readAccrual(accrual: unknown): AccrualReply {
  if (accrual === undefined) return { kind: 'processed', accrual: Money.ZERO };
  if (!isLosslessNumber(accrual)) return fault('the accrual is not a number');
  try {
    return { kind: 'processed', accrual: Money.rounded(accrual.value) };
  } catch (error) {
    if (error instanceof ImpossibleSum) return fault(`the accrual is impossible: ${error.message}`);
    throw error;
  }
}

/**
 * Milliseconds, from seconds or a date (RFC 9110, 10.2.3). The date is compared with the reply's
 * own: whose clock is wrong does not matter then.
 */
function readPause(now: number, retryAfter = '', date = ''): number {
  if (/^\s*\d+\s*$/.test(retryAfter)) return withinBounds(Number(retryAfter) * 1_000);
  const until = readHttpDate(retryAfter, now);
  return withinBounds(until === undefined ? 0 : until - (readHttpDate(date, now) ?? now));
}

function withinBounds(pauseMs: number): number {
  return Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, pauseMs));
}

const CLOCK = '(?<clock>[\\d:]{8})';
const MONTH = '(?<month>[A-Z][a-z]{2})';

/** The three forms of a date in HTTP (RFC 9110, 5.6.7): today's, RFC 850's, asctime's. */
const HTTP_DATES = [
  `[A-Z][a-z]{2}, (?<day>\\d\\d) ${MONTH} (?<year>\\d{4}) ${CLOCK} GMT`,
  `[A-Z][a-z]{5,8}, (?<day>\\d\\d)-${MONTH}-(?<year>\\d\\d) ${CLOCK} GMT`,
  `[A-Z][a-z]{2} ${MONTH} (?<day>[ \\d]\\d) ${CLOCK} (?<year>\\d{4})(?: GMT)?`,
].map((form) => new RegExp(`^\\s*${form}\\s*$`));

/**
 * In milliseconds since 1970; undefined where it is no date. Not by Date.parse alone: it reads a
 * date into most texts, knows a 31st of February, and takes asctime's form for local time.
 */
function readHttpDate(text: string, now: number): number | undefined {
  const found = HTTP_DATES.map((form) => form.exec(text)?.groups).find((groups) => groups);
  if (!found) return undefined;
  const { day = '', month = '', year = '', clock = '' } = found;
  const date = `${day.replace(' ', '0')} ${month} ${fullYear(year, now)} ${clock} GMT`;
  const at = new Date(date);
  return at.toUTCString().endsWith(date) ? at.getTime() : undefined;
}

/** Of two digits: no more than 50 years from now. */
function fullYear(digits: string, now: number): number {
  const year = Number(digits);
  if (digits.length === 4) return year;
  const thisYear = new Date(now).getUTCFullYear();
  const guess = thisYear - (thisYear % 100) + year;
  return guess > thisYear + 50 ? guess - 100 : guess;
}

/**
 * Requests per minute, from "No more than N requests per minute allowed"; undefined where the body
 * says nothing of it, or 0.
 */
function readLimit(body: string): number | undefined {
  const limit = Number(/no more than (\d{1,9}) requests? per minute/i.exec(body)?.[1] ?? 0);
  return limit > 0 ? limit : undefined;
}

function fault(reason: string): AccrualReply {
  return { kind: 'fault', reason };
}
