import { describe, expect, it } from '@jest/globals';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { readReply } from './accrual-protocol.js';

const NUMBER = OrderNumber.parse('12345678903');
const NOW = Date.parse('Fri, 02 Jan 2026 03:04:05 GMT');

const limited = (
  retryAfter?: string,
  body = '',
): { kind: string; pauseMs?: number; ratePerMinute?: number | undefined } =>
  readReply(NUMBER, { status: 429, retryAfter, body }, NOW);

describe('the pause after 429', () => {
  it.each([
    ['60', 60_000],
    [' 1 ', 1_000],
    ['3600', 3_600_000],
    ['Fri, 02 Jan 2026 03:05:05 GMT', 60_000],
    ['Friday, 02-Jan-26 03:04:15 GMT', 10_000],
    ['Fri Jan  2 03:04:07 2026 GMT', 2_000],
  ])('lasts as long as Retry-After: %s says', (header, pauseMs) => {
    expect(limited(header)).toMatchObject({ kind: 'limited', pauseMs });
  });

  it.each([
    undefined,
    '',
    '0',
    '-1',
    '-60',
    'soon',
    '1e3',
    '1.5',
    '60s',
    '0x3c',
    'Fri, 02 Jan 2026 03:04:05 GMT',
    'Thu, 01 Jan 1970 00:00:00 GMT',
  ])('is a second where Retry-After is %j', (header) => {
    expect(limited(header)).toMatchObject({ kind: 'limited', pauseMs: 1_000 });
  });

  it.each(['3601', '86400', '9'.repeat(400), 'Fri, 02 Jan 2099 03:04:05 GMT'])(
    'is an hour at most: %s',
    (header) => {
      expect(limited(header)).toMatchObject({ kind: 'limited', pauseMs: 3_600_000 });
    },
  );
});

describe('the limit in the body of 429', () => {
  it.each([
    ['No more than 60 requests per minute allowed', 60],
    ['no more than 1 request per minute allowed\n', 1],
    ['{"message":"No more than 1200 requests per minute allowed"}', 1_200],
  ])('is learnt from %s', (body, ratePerMinute) => {
    expect(limited('1', body)).toEqual({ kind: 'limited', pauseMs: 1_000, ratePerMinute });
  });

  it.each([
    '',
    'Too Many Requests',
    'No more than 0 requests per minute allowed',
    'No more than -5 requests per minute allowed',
    'No more than 1e9 requests per minute allowed',
    'No more than 99999999999999999999 requests per minute allowed',
    'No more than 5 requests per hour allowed',
    'No more than '.repeat(5_000),
  ])('is not read into %s', (body) => {
    expect(limited('1', body)).toEqual({
      kind: 'limited',
      pauseMs: 1_000,
      ratePerMinute: undefined,
    });
  });
});
