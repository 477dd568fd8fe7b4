import { describe, expect, it } from '@jest/globals';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { readReply } from './accrual-protocol.js';

const NUMBER = OrderNumber.parse('12345678903');
const NOW = Date.parse('Fri, 02 Jan 2026 03:04:05 GMT');

const limited = (
  retryAfter?: string,
  body = '',
  date?: string,
): { kind: string; pauseMs?: number; ratePerMinute?: number | undefined } =>
  readReply(NUMBER, { status: 429, retryAfter, date, body }, NOW);

describe('the pause after 429', () => {
  it.each([
    ['60', 60_000],
    [' 1 ', 1_000],
    ['3600', 3_600_000],
    ['Fri, 02 Jan 2026 03:05:05 GMT', 60_000],
    ['Friday, 02-Jan-26 03:04:15 GMT', 10_000],
    ['Fri Jan  2 03:04:07 2026', 2_000],
    ['Fri Jan  2 03:04:07 2026 GMT', 2_000],
    ['Wednesday, 02-Jan-80 03:04:05 GMT', 1_000],
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
    'soon 2099',
    '2099-01-02T03:04:05Z',
    'Fri, 31 Feb 2099 03:04:05 GMT',
    'Fri, 02 Foo 2099 03:04:05 GMT',
    'Fri, 02 Jan 2099 25:04:05 GMT',
    'Fri, 02 Jan 2099 03:04:05 CET',
    'Fri, 2 Jan 2099 03:04:05 GMT',
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

describe('the pause after 429 with a date', () => {
  const AHEAD = 'Fri, 02 Jan 2026 04:04:05 GMT';

  it.each([
    // Retry-After, Date: a clock an hour ahead, one a day late, and other forms of a date
    ['Fri, 02 Jan 2026 04:05:05 GMT', AHEAD, 60_000],
    ['Fri, 02 Jan 2026 04:04:05 GMT', AHEAD, 1_000],
    ['Fri, 02 Jan 2026 04:03:05 GMT', AHEAD, 1_000],
    ['Fri, 02 Jan 2026 05:04:06 GMT', AHEAD, 3_600_000],
    ['Thu, 01 Jan 2026 03:04:35 GMT', 'Thu, 01 Jan 2026 03:04:05 GMT', 30_000],
    ['Friday, 02-Jan-26 04:05:05 GMT', 'Fri Jan  2 04:04:05 2026', 60_000],
  ])('is from the reply’s own: %s, sent at %s', (retryAfter, date, pauseMs) => {
    expect(limited(retryAfter, '', date)).toMatchObject({ kind: 'limited', pauseMs });
  });

  it.each(['', 'now', '1767323045'])('is from our clock where the reply’s is %j', (date) => {
    expect(limited('Fri, 02 Jan 2026 03:05:05 GMT', '', date)).toMatchObject({ pauseMs: 60_000 });
  });

  it('is the number of seconds, whatever the reply’s date is', () => {
    expect(limited('60', '', AHEAD)).toMatchObject({ pauseMs: 60_000 });
  });

  it('is not read as local time', () => {
    const { TZ } = process.env;
    process.env['TZ'] = 'Asia/Tokyo';
    try {
      expect(limited('Fri Jan  2 03:05:05 2026')).toMatchObject({ pauseMs: 60_000 });
    } finally {
      if (TZ === undefined) delete process.env['TZ'];
      else process.env['TZ'] = TZ;
    }
  });
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
