import { describe, expect, it } from '@jest/globals';
import { cloudEventOf, type JournalEvent, routingKeyOf } from './journal-event.js';

const EVENT: JournalEvent = {
  position: 9_007_199_254_740_993n,
  type: 'order_updated',
  subject: '0198c0de-0000-7000-8000-000000000001',
  revision: 3,
  at: '2026-11-29T08:00:00.123Z',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  data: '{"order":"12345678903","status":"PROCESSED","accrual":"729.98"}',
};

describe(cloudEventOf, () => {
  it('writes what the contract says', () => {
    expect(JSON.parse(cloudEventOf(EVENT))).toEqual({
      specversion: '1.0',
      id: '9007199254740993',
      source: 'gophermart',
      type: 'order_updated',
      subject: '0198c0de-0000-7000-8000-000000000001',
      time: '2026-11-29T08:00:00.123Z',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      revision: 3,
      data: { order: '12345678903', status: 'PROCESSED', accrual: '729.98' },
    });
  });

  it('leaves out what is not known', () => {
    const event = { position: 1n, type: 'user_registered', data: '{"at":"2026-01-01T00:00:00Z"}' };
    expect(JSON.parse(cloudEventOf(event))).toEqual({
      specversion: '1.0',
      id: '1',
      source: 'gophermart',
      type: 'user_registered',
      data: { at: '2026-01-01T00:00:00Z' },
    });
  });

  it('keeps to itself which operator did something, and their notes', () => {
    const data = '{"action":"queue retry","by":"ann","target":"12345678903","note":"\\"x\\""}';
    const event = { position: 1n, type: 'operator_action', data };
    expect(JSON.parse(cloudEventOf(event))).toMatchObject({
      data: { action: 'queue retry', target: '12345678903' },
    });
    expect(cloudEventOf(event)).not.toMatch(/ann|note/);
  });
});

describe(routingKeyOf, () => {
  it.each([
    ['order_created', 'order_created'],
    ['transaction_processed', 'transaction_processed'],
    ['accrual_started', 'accrual'],
    ['accrual_finished', 'accrual'],
    ['accrual_failed', 'accrual'],
  ])('sends %s by %s', (type, key) => {
    expect(routingKeyOf({ position: 1n, type, data: '{}' })).toBe(key);
  });
});
