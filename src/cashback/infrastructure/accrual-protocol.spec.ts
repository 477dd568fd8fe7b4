import { describe, expect, it } from '@jest/globals';
import { Money } from '../../kernel/domain/money.js';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import type { AccrualReply } from '../domain/task.js';
import { readReply } from './accrual-protocol.js';

const NUMBER = OrderNumber.parse('12345678903');
const NOW = Date.parse('2026-01-02T03:04:05Z');

const read = (status: number, body = ''): AccrualReply => readReply(NUMBER, { status, body }, NOW);
const order = (rest: string): string => `{"order":"12345678903"${rest}}`;
const award = (accrual: string): AccrualReply =>
  read(200, order(`,"status":"PROCESSED","accrual":${accrual}`));

const processed = (sum: string): AccrualReply => ({ kind: 'processed', accrual: Money.exact(sum) });

describe(readReply, () => {
  it.each([
    [order(',"status":"REGISTERED"'), { kind: 'calculating' }],
    [order(',"status":"PROCESSING"'), { kind: 'calculating' }],
    [order(',"status":"PROCESSING","accrual":500'), { kind: 'calculating' }],
    [order(',"status":"INVALID"'), { kind: 'invalid' }],
    [order(',"status":"INVALID","accrual":500'), { kind: 'invalid' }],
    [order(',"status":"PROCESSED"'), processed('0')],
    [order(',"status":"PROCESSED","accrual":500'), processed('500')],
    [order(',"status":"PROCESSED","accrual":0'), processed('0')],
    [order(',"status":"PROCESSED","accrual":-0'), processed('0')],
    [` ${order(',"extra":{"a":[1]},"status":"PROCESSED","accrual":500')}\n`, processed('500')],
    [`\ufeff${order(',"status":"PROCESSED","accrual":500')}`, processed('500')],
  ])('reads %s', (body, reply) => {
    expect(read(200, body)).toEqual(reply);
  });

  it('takes 204 for a number that is not registered there yet', () => {
    expect(read(204)).toEqual({ kind: 'unknown' });
    expect(read(204, order(',"status":"PROCESSED","accrual":500'))).toEqual({ kind: 'unknown' });
  });

  it.each([
    ['729.975', '729.98'],
    ['729.98', '729.98'],
    ['729.974999999999999999999999999999', '729.97'],
    [`0.${'0'.repeat(29)}1`, '0'],
    ['0.005', '0.01'],
    ['1e2', '100'],
    ['5E-3', '0.01'],
    ['9999999999999.99', '9999999999999.99'],
  ])('awards %s as %s', (accrual, sum) => {
    expect(award(accrual)).toEqual(processed(sum));
  });

  it.each([
    '-1',
    '-0.01',
    '-1e-30',
    '1e309',
    '1e13',
    '9999999999999.995',
    '"500"',
    'null',
    'true',
    '[500]',
    '{"value":500}',
    'NaN',
    '01',
  ])('believes no accrual of %s', (accrual) => {
    expect(award(accrual)).toMatchObject({ kind: 'fault' });
  });

  it.each([
    ['another order', '{"order":"2377225624","status":"PROCESSED","accrual":500}'],
    ['no order', '{"status":"PROCESSED","accrual":500}'],
    ['the number as a number', '{"order":12345678903,"status":"PROCESSED","accrual":500}'],
    ['the number with white space', '{"order":" 12345678903","status":"PROCESSED"}'],
    ['two different orders', '{"order":"2377225624","order":"12345678903","status":"PROCESSED"}'],
    ['two different accruals', order(',"status":"PROCESSED","accrual":1,"accrual":500')],
    ['an unknown status', order(',"status":"DONE"')],
    ['the status in small letters', order(',"status":"processed"')],
    ['no status', order('')],
    ['a status that every object has', order(',"status":"toString"')],
    ['a status of null', order(',"status":null')],
    ['NEW, which is ours', order(',"status":"NEW"')],
    ['HTML', '<html><body>502 Bad Gateway</body></html>'],
    ['nothing', ''],
    ['half of it', order(',"status":"PROCESSED","accrual":5').slice(0, -1)],
    ['more behind it', `${order(',"status":"PROCESSED"')}{}`],
    ['a list', `[${order(',"status":"PROCESSED","accrual":500')}]`],
    ['null', 'null'],
    ['a number', '500'],
    ['a string', '"PROCESSED"'],
    ['NUL', '\0'],
    ['a hundred thousand brackets', '['.repeat(100_000)],
    [
      'deep nesting',
      order(`,"status":"PROCESSED","deep":${'['.repeat(30_000)}${']'.repeat(30_000)}`),
    ],
  ])('takes %s for a fault', (_, body) => {
    expect(read(200, body)).toMatchObject({
      kind: 'fault',
      reason: expect.stringMatching(/^.{1,200}$/),
    });
  });

  it.each([
    100, 201, 202, 206, 301, 302, 304, 307, 400, 401, 404, 409, 418, 500, 502, 503, 504, 599,
  ])('takes status %d for a fault, whatever the body says', (status) => {
    expect(read(status, order(',"status":"PROCESSED","accrual":500'))).toEqual({
      kind: 'fault',
      reason: `status ${status}`,
    });
  });

  it('believes nothing that stands in a prototype', () => {
    expect(
      read(200, '{"__proto__":{"order":"12345678903","status":"PROCESSED","accrual":500}}'),
    ).toMatchObject({
      kind: 'fault',
    });
  });
});
