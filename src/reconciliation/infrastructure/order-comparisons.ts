import { comparison, FROM_THE_FUTURE, utc } from './comparison.js';

/**
 * Every order beside the entries that credit it. Withdrawals name orders too, but those need not
 * have been uploaded.
 */
const AWARDS = comparison({
  facts: `coalesce(o.num, e.order_num) AS number, o.user_id AS "user", o.status, o.accrual,
    ${utc('o.uploaded_at')} AS uploaded_at, ${utc('o.processing_at')} AS processing_at,
    ${utc('o.finished_at')} AS finished_at, e.id AS entry, e.account_id AS account, e.amount`,
  from: `gophermart.orders o
    FULL JOIN (
      SELECT id, account_id, amount, order_num FROM gophermart.ledger_entries
      WHERE kind = 'ACCRUAL'
    ) AS e ON e.order_num = o.num`,
  wrong: {
    'order-not-credited': `o.status = 'PROCESSED' AND o.accrual > 0 AND e.id IS NULL`,
    'order-accrual': `o.accrual IS NOT NULL
      AND (o.status = 'PROCESSED' AND o.accrual > 0 AND o.accrual < 1e13) IS NOT TRUE`,
    'order-in-future': `o.uploaded_at ${FROM_THE_FUTURE}`,
    // Orders of earlier versions have no times of their steps.
    'order-steps': `o.processing_at < o.uploaded_at
      OR o.finished_at < coalesce(o.processing_at, o.uploaded_at)
      OR o.processing_at IS NOT NULL AND o.status = 'NEW'
      OR o.finished_at IS NOT NULL AND o.status IN ('NEW', 'PROCESSING')`,
    'accrual-without-order': 'o.id IS NULL',
    'accrual-too-early': `e.id IS NOT NULL AND o.status <> 'PROCESSED'`,
    'accrual-to-another': 'e.account_id <> o.user_id',
    'accrual-sum': `e.id IS NOT NULL AND o.status = 'PROCESSED'
      AND e.amount IS DISTINCT FROM o.accrual`,
  },
});

/** Every order beside its task and its user: it has a task exactly while it waits for points. */
const TASKS = comparison({
  facts: `o.num AS number, o.user_id AS "user", o.status, q.order_id AS order, q.status AS task`,
  from: `gophermart.orders o
    FULL JOIN gophermart.queue q ON q.order_id = o.id
    LEFT JOIN gophermart.users u ON u.id = o.user_id`,
  wrong: {
    'order-without-task': `o.status IN ('NEW', 'PROCESSING') AND q.order_id IS NULL`,
    'task-of-final-order': `o.status IN ('INVALID', 'PROCESSED') AND q.order_id IS NOT NULL`,
    'task-parked-too-early': `o.status = 'NEW' AND q.status = 'FAILED'`,
    'task-without-order': 'o.id IS NULL',
    'order-without-user': 'o.id IS NOT NULL AND u.id IS NULL',
  },
});

const TWICE = [
  `SELECT num AS number, count(*) AS rows, '{order-twice}'::text[] AS kinds
   FROM gophermart.orders GROUP BY num HAVING count(*) > 1`,
  `SELECT order_id AS order, count(*) AS rows, '{task-twice}'::text[] AS kinds
   FROM gophermart.queue GROUP BY order_id HAVING count(*) > 1`,
];

export const ORDER_COMPARISONS: readonly string[] = [AWARDS, TASKS, ...TWICE];
