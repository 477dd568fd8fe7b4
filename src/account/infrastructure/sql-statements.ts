import { Injectable } from '@nestjs/common';
import { BatchedRead } from '../../platform/postgres/batched-read.js';
import { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';
import { Statements } from '../application/ports.js';

/** As JSON; null where there is nothing to list. */
interface Statement {
  readonly value: string | null;
}

const BALANCES = `
  SELECT user_id AS key, '{"current":' || trim_scale(balance)::text || ',"withdrawn":' || trim_scale(withdrawn)::text || '}' AS value
  FROM gophermart.accounts WHERE user_id = ANY($1::uuid[])`;

const WITHDRAWALS = `
  SELECT user_id AS key, (
    SELECT '[' || string_agg(
        '{"order":"' || order_num || '","sum":' || trim_scale(amount)::text
          || ',"processed_at":"' || to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"}',
        ',' ORDER BY at DESC, version DESC) || ']'
    FROM gophermart.ledger_entries WHERE kind = 'WITHDRAWAL' AND account_id = user_id
  ) AS value
  FROM gophermart.accounts WHERE user_id = ANY($1::uuid[])`;

/**
 * PostgreSQL writes the JSON: numbers, digits and times need no escaping, and the service passes on
 * one string.
 */
@Injectable()
export class SqlStatements extends Statements {
  readonly #balances: BatchedRead<Statement>;
  readonly #withdrawals: BatchedRead<Statement>;

  constructor(database: PgUnitOfWork) {
    super();
    this.#balances = new BatchedRead(database, BALANCES);
    this.#withdrawals = new BatchedRead(database, WITHDRAWALS);
  }

  async balance(userId: string): Promise<string | null | undefined> {
    return (await this.#balances.of(userId))?.value;
  }

  async withdrawals(userId: string): Promise<string | null | undefined> {
    return (await this.#withdrawals.of(userId))?.value;
  }
}
