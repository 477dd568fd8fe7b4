import { Injectable } from '@nestjs/common';
import { TypeOrmUnitOfWork } from '../../shared/infrastructure/typeorm-unit-of-work.js';
import { Money } from '../../shared/domain/money.js';
import { OrderNumber } from '../../shared/domain/order-number.js';
import { OrderRepository } from '../application/ports/order-repository.js';
import { Order } from '../domain/order.js';
import type { OrderStatus } from '../domain/order-status.js';

interface OrderRow {
  readonly id: string;
  readonly user_id: string;
  readonly num: string;
  readonly status: OrderStatus;
  readonly accrual: string | null;
  readonly uploaded_at: Date;
}

const COLUMNS = 'id, user_id, num, status, accrual, uploaded_at';

/** Whole lists by one statement each; rows are locked and unique keys inserted in sorted order, so that no two lists deadlock. */
@Injectable()
export class SqlOrderRepository extends OrderRepository {
  constructor(private readonly database: TypeOrmUnitOfWork) {
    super();
  }

  async addNew(orders: readonly Order[]): Promise<ReadonlyMap<string, Order>> {
    // Within the list, too, the first to upload a number owns it.
    const firsts = new Map<string, Order>();
    for (const order of orders) if (!firsts.has(order.number.value)) firsts.set(order.number.value, order);
    const stored = await this.insert([...firsts.values()]);
    const missing = [...firsts.keys()].filter((number) => !stored.has(number));
    const standing = new Map([...firsts].filter(([number]) => stored.has(number)));
    for (const order of await this.byNumber(missing)) standing.set(order.number.value, order);
    return standing;
  }

  async lock(ids: readonly string[]): Promise<ReadonlyMap<string, Order>> {
    const { records } = await this.database.query(
      `SELECT ${COLUMNS} FROM gophermart.orders WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE`,
      [ids],
    );
    return new Map((records as OrderRow[]).map((row) => [row.id, restore(row)]));
  }

  async save(orders: readonly Order[]): Promise<void> {
    const states = orders.map((order) => order.snapshot());
    await this.database.query(
      `UPDATE gophermart.orders o SET status = s.status, accrual = s.accrual
       FROM UNNEST($1::uuid[], $2::gophermart.order_status[], $3::numeric[]) AS s (id, status, accrual)
       WHERE o.id = s.id AND (o.status, o.accrual) IS DISTINCT FROM (s.status, s.accrual)`,
      [states.map(({ id }) => id), states.map(({ status }) => status), states.map(({ accrual }) => accrual?.toString() ?? null)],
    );
  }

  /** The numbers that were new. */
  private async insert(orders: readonly Order[]): Promise<ReadonlySet<string>> {
    const states = orders.map((order) => order.snapshot());
    const { records } = await this.database.query(
      `INSERT INTO gophermart.orders (${COLUMNS})
       SELECT id, user_id, num, 'NEW', NULL, uploaded_at
       FROM UNNEST($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[]) AS o (id, user_id, num, uploaded_at)
       ORDER BY num COLLATE "C"
       ON CONFLICT (num) DO NOTHING RETURNING num`,
      [
        states.map(({ id }) => id),
        states.map(({ userId }) => userId),
        states.map(({ number }) => number.value),
        states.map(({ uploadedAt }) => uploadedAt),
      ],
    );
    return new Set((records as Pick<OrderRow, 'num'>[]).map(({ num }) => num));
  }

  /** A statement of its own: the insert's snapshot does not show the rows it waited for. */
  private async byNumber(numbers: readonly string[]): Promise<Order[]> {
    if (numbers.length === 0) return [];
    const { records } = await this.database.query(`SELECT ${COLUMNS} FROM gophermart.orders WHERE num = ANY($1::text[])`, [
      numbers,
    ]);
    return (records as OrderRow[]).map(restore);
  }
}

function restore(row: OrderRow): Order {
  return Order.restore({
    id: row.id,
    userId: row.user_id,
    number: OrderNumber.restore(row.num),
    status: row.status,
    accrual: row.accrual === null ? undefined : Money.exact(row.accrual),
    uploadedAt: row.uploaded_at,
  });
}
