import { Injectable } from '@nestjs/common';
import { AccountQueries, type Balance, type WithdrawalLine } from '../../account/index.js';
import type { JsonPage, JsonText } from '../../kernel/application/ports.js';
import { type OrderLine, OrderQueries } from '../../orders/index.js';
import {
  BatchedList,
  isBigint,
  type ListSource,
} from '../../platform/postgres/reads/batched-list.js';
import { BatchedRead } from '../../platform/postgres/reads/batched-read.js';
import { ReadModelDatabase } from './read-model-database.js';

/** Everybody who is asked about: whom the read model does not know has nothing yet. */
const USERS = { table: 'UNNEST($1::uuid[])', id: 'u' };

const TIME = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;

const ORDERS: ListSource = {
  users: USERS,
  rows: (user, after) => `
    SELECT num AS position, num, status, accrual, uploaded_at FROM gophermart_query.orders
    WHERE user_id = ${user} AND uploaded_at IS NOT NULL
      ${after === undefined ? '' : behind(after)}
    ORDER BY uploaded_at DESC, created DESC`,
  line: `
    '{"number":"' || num || '","status":"' || status
      || coalesce('","accrual":' || trim_scale(accrual)::text, '"')
      || ',"uploaded_at":"' || to_char(uploaded_at AT TIME ZONE 'UTC', ${TIME}) || '"}'`,
  isPosition: (text) => /^\d{1,1000}$/.test(text),
  bytes: 'octet_length(num)',
};

const behind = (num: string): string => `
  AND (uploaded_at, created) < (
    SELECT uploaded_at, created FROM gophermart_query.orders WHERE num = ${num}
  )`;

const WITHDRAWALS: ListSource = {
  users: USERS,
  rows: (user, after) => `
    SELECT revision AS position, num, amount, at FROM gophermart_query.entries
    WHERE kind = 'WITHDRAWAL' AND user_id = ${user}
      ${after === undefined ? '' : `AND revision < ${after}`}
    ORDER BY revision DESC`,
  line: `
    '{"order":"' || num || '","sum":' || trim_scale(-amount)::text || ',"processed_at":"'
      || to_char(at AT TIME ZONE 'UTC', ${TIME}) || '"}'`,
  isPosition: isBigint,
  bytes: 'octet_length(num)',
};

const BALANCES = `
  SELECT u AS key, '{"current":' || coalesce(trim_scale(balance), 0)::text
    || ',"withdrawn":' || coalesce(trim_scale(withdrawn), 0)::text || '}' AS balance
  FROM UNNEST($1::uuid[]) u LEFT JOIN LATERAL (
    SELECT balance, withdrawn FROM gophermart_query.entries
    WHERE user_id = u ORDER BY revision DESC LIMIT 1
  ) last ON true`;

@Injectable()
export class ReadModelOrderQueries extends OrderQueries {
  readonly #orders: BatchedList<OrderLine>;

  constructor(database: ReadModelDatabase) {
    super();
    this.#orders = new BatchedList(database, ORDERS);
  }

  page(userId: string, after?: string): Promise<JsonPage<OrderLine>> {
    return this.#orders.page(userId, after);
  }
}

@Injectable()
export class ReadModelAccountQueries extends AccountQueries {
  readonly #balances: BatchedRead<{ readonly balance: JsonText<Balance> }>;
  readonly #withdrawals: BatchedList<WithdrawalLine>;

  constructor(database: ReadModelDatabase) {
    super();
    this.#balances = new BatchedRead(database, BALANCES);
    this.#withdrawals = new BatchedList(database, WITHDRAWALS);
  }

  async balance(userId: string): Promise<JsonText<Balance>> {
    return (await this.#balances.get(userId)).balance;
  }

  withdrawalsPage(userId: string, after?: string): Promise<JsonPage<WithdrawalLine>> {
    return this.#withdrawals.page(userId, after);
  }
}
