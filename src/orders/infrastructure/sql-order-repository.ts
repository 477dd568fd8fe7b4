import { Injectable } from '@nestjs/common';
import type { Deferred, Transaction } from '../../kernel/application/unit-of-work.js';
import { Money } from '../../kernel/domain/money.js';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { Trace } from '../../kernel/domain/trace.js';
import { pgOf } from '../../platform/postgres/pg-transaction.js';
import { OrderRepository } from '../application/ports.js';
import { Order, type OrderStatus } from '../domain/order.js';

interface OrderRow {
  readonly id: string;
  readonly user_id: string;
  readonly num: string;
  readonly status: OrderStatus;
  readonly accrual: string | null;
  readonly trace: string | null;
}

const COLUMNS = 'id, user_id, num, status, accrual, trace';

/**
 * One statement for a whole batch. Rows are locked and unique keys inserted in sorted order, so
 * that no two batches deadlock.
 */
@Injectable()
export class SqlOrderRepository extends OrderRepository {
  add(transaction: Transaction, orders: readonly Order[]): Deferred<readonly Order[]> {
    const states = orders.map((order) => order.snapshot());
    const inserted = pgOf(transaction).sendWithNext<Pick<OrderRow, 'id'>>(
      // The subselect is evaluated once: times of their own would rise in the order of the numbers.
      `INSERT INTO gophermart.orders (${COLUMNS}, uploaded_at)
       SELECT o.id, user_id, num, 'NEW', NULL, trace, (SELECT clock_timestamp())
       FROM UNNEST($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS o (id, user_id, num, trace)
       JOIN gophermart.users u ON u.id = o.user_id
       ORDER BY num COLLATE "C"
       ON CONFLICT (num) DO NOTHING RETURNING id`,
      [
        states.map(({ id }) => id),
        states.map(({ userId }) => userId),
        states.map(({ number }) => number.value),
        states.map(({ trace }) => trace?.toString() ?? null),
      ],
    );
    return inserted.thenApply(({ rows }) => {
      const ids = new Set(rows.map(({ id }) => id));
      return orders.filter(({ id }) => ids.has(id));
    });
  }

  async byNumbers(transaction: Transaction, numbers: readonly OrderNumber[]): Promise<Order[]> {
    const { rows } = await pgOf(transaction).query<OrderRow>(
      `SELECT ${COLUMNS} FROM gophermart.orders WHERE num = ANY($1::text[])`,
      [numbers.map(({ value }) => value)],
    );
    return rows.map(restore);
  }

  async lock(
    transaction: Transaction,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, Order>> {
    const { rows } = await pgOf(transaction).query<OrderRow>(
      `SELECT ${COLUMNS} FROM gophermart.orders WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE`,
      [ids],
    );
    return new Map(rows.map((row) => [row.id, restore(row)]));
  }

  save(transaction: Transaction, orders: readonly Order[]): void {
    const states = orders.map((order) => order.snapshot());
    pgOf(transaction).sendWithNext(
      `UPDATE gophermart.orders o SET status = s.status, accrual = s.accrual,
         processing_at = CASE s.status WHEN 'PROCESSING'
           THEN coalesce(o.processing_at, greatest(now.at, o.uploaded_at))
           ELSE o.processing_at END,
         finished_at = CASE WHEN s.status IN ('INVALID', 'PROCESSED')
           THEN greatest(now.at, o.processing_at, o.uploaded_at) END
       FROM UNNEST($1::uuid[], $2::gophermart.order_status[], $3::numeric[])
         AS s (id, status, accrual),
         (SELECT clock_timestamp() AS at) now
       WHERE o.id = s.id AND (o.status, o.accrual) IS DISTINCT FROM (s.status, s.accrual)`,
      [
        states.map(({ id }) => id),
        states.map(({ status }) => status),
        states.map(({ accrual }) => accrual?.toString() ?? null),
      ],
    );
  }
}

function restore(row: OrderRow): Order {
  return Order.restore({
    id: row.id,
    userId: row.user_id,
    number: OrderNumber.restore(row.num),
    status: row.status,
    accrual: row.accrual === null ? undefined : Money.exact(row.accrual),
    trace: Trace.read(row.trace),
  });
}
