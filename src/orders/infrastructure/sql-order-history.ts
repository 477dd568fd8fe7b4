import { Injectable } from '@nestjs/common';
import { BatchedRead } from '../../shared/infrastructure/batched-read.js';
import { TypeOrmUnitOfWork } from '../../shared/infrastructure/typeorm-unit-of-work.js';
import { OrderHistory } from '../application/ports/order-history.js';

/**
 * PostgreSQL writes the JSON: a list of 20 orders then costs the service one string instead of 80 values. Numbers and statuses are
 * digits and letters (a CHECK and an enum see to it), so nothing needs escaping.
 */
const HISTORY = `
  SELECT u.id AS key, (
    SELECT '[' || string_agg(
        '{"number":"' || num || '","status":"' || status::text || '"'
          || CASE WHEN accrual IS NULL THEN '' ELSE ',"accrual":' || trim_scale(accrual)::text END
          || ',"uploaded_at":"' || to_char(uploaded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"}',
        ',' ORDER BY uploaded_at DESC, o.id DESC) || ']'
    FROM gophermart.orders o WHERE o.user_id = u.id
  ) AS value
  FROM gophermart.users u WHERE u.id = ANY($1::uuid[])`;

@Injectable()
export class SqlOrderHistory extends OrderHistory {
  readonly #histories: BatchedRead;

  constructor(database: TypeOrmUnitOfWork) {
    super();
    this.#histories = new BatchedRead(database, HISTORY);
  }

  of(userId: string): Promise<string | null | undefined> {
    return this.#histories.of(userId);
  }
}
