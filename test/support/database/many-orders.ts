import type { Customer } from '../http/customer.js';
import { readClaims } from '../http/forged-token.js';
import type { TestService } from '../http/test-service.js';

/**
 * Gives the customer `count` orders by SQL, a second apart: a list that comes in pieces of a
 * thousand.
 */
export async function giveOrders(
  { database }: TestService,
  { authorization }: Customer,
  count: number,
): Promise<void> {
  await database.query(
    `INSERT INTO gophermart.orders (id, user_id, num, status, uploaded_at)
     SELECT gen_random_uuid(), $1, $2 || lpad(n::text, 6, '0'), 'NEW', now() - n * interval '1 second' FROM generate_series(1, $3) n`,
    [readClaims(authorization).sub, `${Date.now()}`, count],
  );
}
