import { Injectable } from '@nestjs/common';
import { effectOn } from '../../account/index.js';
import { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';
import { jsonTime } from '../../platform/postgres/reads/batched-list.js';
import { type CustomerFacts, CustomerOverview, type NumberFacts } from '../application/ports.js';

/** How many orders and entries of a customer are shown, the last ones. */
const SHOWN = 10;

const ENTRY = `json_build_object(
  'id', id, 'account', account_id, 'kind', kind, 'order', order_num,
  'amount', (${effectOn('balance')})::text,
  'balanceAfter', balance_after::text, 'at', ${jsonTime('at')}, 'reason', reason)`;

const ORDER = `
  'number', num, 'status', status, 'accrual', accrual::numeric(20, 2)::text,
  'uploadedAt', ${jsonTime('uploaded_at')}`;

/** The statuses that an order has had, oldest first. */
const HISTORY = `(
  SELECT json_agg(json_build_object('status', step.status, 'at', ${jsonTime('step.at')})
    ORDER BY step.place)
  FROM (VALUES (1, 'NEW', o.uploaded_at), (2, 'PROCESSING', o.processing_at),
    (3, o.status::text, o.finished_at)) AS step (place, status, at)
  WHERE step.at IS NOT NULL)`;

const CUSTOMER = `
  SELECT json_build_object(
    'id', u.id, 'login', u.login, 'registeredAt', ${jsonTime('registered_at')},
    'blockedAt', ${jsonTime('u.blocked_at')}, 'blockReason', block_reason,
    'forgottenAt', ${jsonTime('forgotten_at')},
    'balance', balance::text, 'withdrawn', withdrawn::text, 'entries', version,
    'lastEntries', coalesce((
      SELECT json_agg(${ENTRY} ORDER BY version DESC) FROM (
        SELECT * FROM gophermart.ledger_entries WHERE account_id = u.id
        ORDER BY version DESC LIMIT ${SHOWN}
      ) e
    ), '[]'),
    'orders', coalesce((
      SELECT json_object_agg(status, orders) FROM (
        SELECT status, count(*) AS orders FROM gophermart.orders WHERE user_id = u.id
        GROUP BY status ORDER BY status
      ) o
    ), '{}'),
    'lastOrders', coalesce((
      SELECT json_agg(json_build_object(${ORDER}) ORDER BY uploaded_at DESC, id DESC) FROM (
        SELECT * FROM gophermart.orders WHERE user_id = u.id
        ORDER BY uploaded_at DESC, id DESC LIMIT ${SHOWN}
      ) o
    ), '[]')
  ) AS facts
  FROM gophermart.users u JOIN gophermart.accounts a ON a.user_id = u.id WHERE u.id = $1`;

const NUMBER = `
  SELECT json_build_object(
    'number', $1::text,
    'order', (
      SELECT json_build_object(${ORDER}, 'owner', u.id, 'login', u.login, 'history', ${HISTORY})
      FROM gophermart.orders o JOIN gophermart.users u ON u.id = o.user_id WHERE o.num = $1
    ),
    'task', (
      SELECT json_build_object('status', q.status, 'tries', q.tries,
        'nextAttemptAt', ${jsonTime('q.next_attempt_at')}, 'reason', q.reason)
      FROM gophermart.queue q JOIN gophermart.orders o ON o.id = q.order_id WHERE o.num = $1
    ),
    'entries', coalesce((
      SELECT json_agg(${ENTRY} ORDER BY at, version)
      FROM gophermart.ledger_entries WHERE order_num = $1
    ), '[]')
  ) AS facts`;

/** Reads the tables of all modules: operators want to see them side by side, as of one moment. */
@Injectable()
export class SqlCustomerOverview extends CustomerOverview {
  constructor(private readonly database: PgUnitOfWork) {
    super();
  }

  async customer(id: string): Promise<CustomerFacts | undefined> {
    const { rows } = await this.database.query<{ facts: CustomerFacts }>(CUSTOMER, [id]);
    return rows[0]?.facts;
  }

  async order(number: string): Promise<NumberFacts | undefined> {
    const { rows } = await this.database.query<{ facts: NumberFacts }>(NUMBER, [number]);
    const [row] = rows;
    return row && (row.facts.order || row.facts.entries.length > 0) ? row.facts : undefined;
  }
}
