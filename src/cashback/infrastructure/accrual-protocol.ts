import { isLosslessNumber, parse } from 'lossless-json';
import { ImpossibleSum, Money } from '../../kernel/domain/money.js';
import type { OrderNumber } from '../../kernel/domain/order-number.js';
import type { AccrualReply } from '../domain/task.js';

/** A reply of the accrual system as it came, not checked yet. */
export interface RawReply {
  readonly status: number;
  readonly retryAfter?: string | undefined;
  readonly body: string;
}

/** The pause after a 429 that names none, or none that makes sense. */
const DEFAULT_PAUSE_MS = 1_000;
/** No header stops the service for longer. Where it should, the next 429 says so again. */
const LONGEST_PAUSE_MS = 3_600_000;

/**
 * Reads a reply by the contract's table (SPEC 2). What is not in the table, or contradicts itself,
 * is a fault.
 *
 * @param number the order that was requested.
 * @param now in milliseconds since 1970, to read a date in Retry-After.
 */
export function readReply(
  number: OrderNumber,
  { status, retryAfter, body }: RawReply,
  now: number,
): AccrualReply {
  switch (status) {
    case 200:
      return readOrder(number, body);
    case 204:
      return { kind: 'unknown' };
    case 429:
      return {
        kind: 'limited',
        pauseMs: readPause(retryAfter, now),
        ratePerMinute: readLimit(body),
      };
    default:
      return fault(`status ${status}`);
  }
}

function readOrder(number: OrderNumber, body: string): AccrualReply {
  let value: unknown;
  try {
    value = parse(body);
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
 * Milliseconds, from seconds or a date (RFC 9110, 10.2.3). What is absent, unreadable or past is
 * the default pause; what is too long is cut.
 */
function readPause(header: string | undefined, now: number): number {
  const seconds = /^\s*\d+\s*$/.test(header ?? '') ? Number(header) : undefined;
  const pauseMs = seconds === undefined ? Date.parse(header ?? '') - now : seconds * 1_000;
  if (Number.isNaN(pauseMs) || pauseMs <= 0) return DEFAULT_PAUSE_MS;
  return Math.min(pauseMs, LONGEST_PAUSE_MS);
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
