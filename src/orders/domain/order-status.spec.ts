import { describe, expect, it } from '@jest/globals';
import { mayFollow, type OrderStatus } from './order-status.js';

const STATUSES: readonly OrderStatus[] = ['NEW', 'PROCESSING', 'INVALID', 'PROCESSED'];

const ALLOWED = new Set([
  'NEW → PROCESSING',
  'NEW → INVALID',
  'NEW → PROCESSED',
  'PROCESSING → PROCESSING',
  'PROCESSING → INVALID',
  'PROCESSING → PROCESSED',
]);

describe('the states of an order', () => {
  it.each(
    STATUSES.flatMap((from) =>
      STATUSES.map((to) => [from, to, ALLOWED.has(`${from} → ${to}`)] as const),
    ),
  )('%s → %s: %s', (from, to, allowed) => {
    expect(mayFollow(from, to)).toBe(allowed);
  });
});
