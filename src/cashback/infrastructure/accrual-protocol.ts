import { isLosslessNumber, parse } from 'lossless-json';
import { ImpossibleSum, Money } from '../../kernel/domain/money.js';
import type { OrderNumber } from '../../kernel/domain/order-number.js';
import { readRetryAfter } from '../../platform/http/outgoing/retry-after.js';
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
    pauseMs: withinBounds(readRetryAfter(now, retryAfter, date) ?? 0),
    ratePerMinute: readLimit(body),
  };
}

function withinBounds(pauseMs: number): number {
  return Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, pauseMs));
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
