import { Injectable } from '@nestjs/common';
import { validate as isUuid } from 'uuid';
import type { JsonPage } from '../../kernel/application/ports.js';
import { BatchedList, type ListSource } from '../../platform/postgres/reads/batched-list.js';
import { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';
import { type OrderLine, OrderQueries } from '../application/ports.js';

/**
 * PostgreSQL wrote the lines when the orders last changed (ADR 0023), so a list of 20 orders costs
 * the service one string and not 80 values.
 */
const ORDERS: ListSource = {
  users: { table: 'gophermart.users', id: 'id' },
  rows: (user, after) => `
    SELECT id AS position, as_json FROM gophermart.orders
    WHERE user_id = ${user} ${after === undefined ? '' : behind(after)}
    ORDER BY uploaded_at DESC, id DESC`,
  line: 'as_json',
  isPosition: isUuid,
  bytes: 'octet_length(as_json)',
};

const behind = (order: string): string =>
  `AND (uploaded_at, id) < (SELECT uploaded_at, id FROM gophermart.orders WHERE id = ${order})`;

@Injectable()
export class SqlOrderQueries extends OrderQueries {
  readonly #orders: BatchedList<OrderLine>;

  constructor(database: PgUnitOfWork) {
    super();
    this.#orders = new BatchedList(database, ORDERS);
  }

  page(userId: string, after?: string): Promise<JsonPage<OrderLine>> {
    return this.#orders.page(userId, after);
  }
}
