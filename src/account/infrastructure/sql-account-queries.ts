import { Injectable } from '@nestjs/common';
import type { JsonPage, JsonText } from '../../kernel/application/ports.js';
import {
  BatchedList,
  isBigint,
  type ListSource,
} from '../../platform/postgres/reads/batched-list.js';
import { BatchedRead } from '../../platform/postgres/reads/batched-read.js';
import { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';
import { AccountQueries, type Balance, type WithdrawalLine } from '../application/ports.js';

const BALANCES = `
  SELECT user_id AS key,
    '{"current":' || trim_scale(balance)::text
      || ',"withdrawn":' || trim_scale(withdrawn)::text || '}' AS balance
  FROM gophermart.accounts WHERE user_id = ANY($1::uuid[])`;

const WITHDRAWALS: ListSource = {
  users: { table: 'gophermart.accounts', id: 'user_id' },
  rows: (user, after) => `
    SELECT version AS position, order_num, amount, at FROM gophermart.ledger_entries
    WHERE kind = 'WITHDRAWAL' AND account_id = ${user}
      ${after === undefined ? '' : `AND version < ${after}`}
    ORDER BY version DESC`,
  line: `
    '{"order":"' || order_num || '","sum":' || trim_scale(amount)::text || ',"processed_at":"'
      || to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"}'`,
  isPosition: isBigint,
  bytes: 'octet_length(order_num)',
};

/**
 * PostgreSQL writes the JSON (ADR 0010). Numbers, digits and times need no escaping, and the
 * service passes on one string.
 */
@Injectable()
export class SqlAccountQueries extends AccountQueries {
  readonly #balances: BatchedRead<{ readonly balance: JsonText<Balance> }>;
  readonly #withdrawals: BatchedList<WithdrawalLine>;

  constructor(database: PgUnitOfWork) {
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
