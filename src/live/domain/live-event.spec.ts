import { describe, expect, it } from '@jest/globals';
import { liveEventOf, type StoredEvent } from './live-event.js';

const UPLOADED = '2026-11-21T12:30:15.123Z';

function shown(type: string, data: object, more: Partial<StoredEvent> = {}): string | undefined {
  const stored = { position: 1n, userId: 'ann', at: '2026-11-21T12:31:02.456Z', ...more };
  return liveEventOf({ uploadedAt: UPLOADED, ...stored, type, data: JSON.stringify(data) })?.data;
}

describe(liveEventOf, () => {
  it.each([
    [{ status: 'PROCESSING' }, '"status":"PROCESSING"'],
    [{ status: 'PROCESSED', accrual: '500.00' }, '"status":"PROCESSED","accrual":500'],
    [{ status: 'PROCESSED', accrual: '729.98' }, '"status":"PROCESSED","accrual":729.98'],
    [{ status: 'PROCESSED', accrual: '0.10' }, '"status":"PROCESSED","accrual":0.1'],
    [{ status: 'PROCESSED', accrual: '0.00' }, '"status":"PROCESSED"'],
  ])('shows an order’s %j as its line of the list', (data, line) => {
    expect(shown('order_updated', { order: '18', ...data })).toBe(
      `{"number":"18",${line},"uploaded_at":"${UPLOADED}"}`,
    );
  });

  const entry = { transaction: 'id', amount: '-42.00', balance: '500.50', withdrawn: '42.00' };

  it.each([
    [{ kind: 'WITHDRAWAL', order: '18' }, '"kind":"WITHDRAWAL","order":"18"', ''],
    [{ kind: 'ADJUSTMENT', reason: 'a\n"b"' }, '"kind":"ADJUSTMENT"', ',"reason":"a\\n\\"b\\""'],
    [
      { kind: 'REVERSAL', order: '18', reason: 'c' },
      '"kind":"REVERSAL","order":"18"',
      ',"reason":"c"',
    ],
  ])('shows the balance with the entry %j', (data, kind, reason) => {
    expect(shown('transaction_processed', { ...entry, ...data })).toBe(
      `{"current":500.5,"withdrawn":42,"entry":{"id":"id",${kind},"amount":-42,` +
        `"balance_after":500.5,"at":"2026-11-21T12:31:02.456Z"${reason}}}`,
    );
  });

  it('knows nothing else', () => {
    expect(shown('order_created', { order: '18', status: 'NEW' })).toBeUndefined();
    expect(shown('toString', {})).toBeUndefined();
    expect(shown('transaction_processed', { ...entry, kind: 'X', amount: 42 })).toBeUndefined();
    expect(shown('order_updated', { order: '1', status: 'NEW' }, { uploadedAt: undefined })).toBe(
      undefined,
    );
  });
});
