import { comparison, FROM_THE_FUTURE, utc } from './comparison.js';

/** What an entry does to a balance. A kind that is not listed has none, which is a difference. */
export const SIGNED = `CASE kind WHEN 'WITHDRAWAL' THEN -amount
  WHEN 'ACCRUAL' THEN amount WHEN 'ADJUSTMENT' THEN amount WHEN 'REVERSAL' THEN amount END`;

/** And to the sum of withdrawals. */
const WITHDRAWN = `CASE kind WHEN 'WITHDRAWAL' THEN amount WHEN 'REVERSAL' THEN -amount
  WHEN 'ACCRUAL' THEN 0 WHEN 'ADJUSTMENT' THEN 0 END`;

/**
 * Every entry beside the one before it. The index on (account_id, version) has them in this order.
 */
const ENTRIES = comparison({
  facts: `e.account_id AS account, e.id AS entry, e.version, e.previous, e.kind AS entry_kind,
    e.amount, e.order_num AS number, e.reason, e.before, e.expected, e.balance_after AS after,
    e.withdrawn_before, e.withdrawn_expected, e.withdrawn_after, ${utc('e.at')} AS at, a.balance,
    a.withdrawn`,
  from: `(
      SELECT *, before + ${SIGNED} AS expected,
        withdrawn_before + ${WITHDRAWN} AS withdrawn_expected
      FROM (
        SELECT id, account_id, version, kind, amount, balance_after, withdrawn_after, order_num,
          reason, at, lag(version, 1, 0::bigint) OVER own AS previous,
          lag(balance_after, 1, 0.00) OVER own AS before,
          lag(withdrawn_after, 1, 0.00) OVER own AS withdrawn_before,
          lead(version) OVER own IS NULL AS is_last
        FROM gophermart.ledger_entries WINDOW own AS (PARTITION BY account_id ORDER BY version)
      ) AS in_order
    ) AS e LEFT JOIN gophermart.accounts a ON a.user_id = e.account_id`,
  wrong: {
    'entry-version': 'e.version IS DISTINCT FROM e.previous + 1',
    'entry-balance': 'e.balance_after IS DISTINCT FROM e.expected',
    'entry-withdrawn': 'e.withdrawn_after IS DISTINCT FROM e.withdrawn_expected',
    'entry-overdrawn': 'e.balance_after < 0',
    // NaN is above every number: only the upper bound refuses it.
    'entry-amount': `CASE e.kind
      WHEN 'ADJUSTMENT' THEN e.amount <> 0 AND e.amount BETWEEN -1e13 AND 1e13
      ELSE e.amount > 0 AND e.amount <= 1e13 END IS NOT TRUE`,
    'entry-order': "(e.kind = 'ADJUSTMENT') <> (e.order_num IS NULL)",
    'entry-reason': "(e.kind IN ('ADJUSTMENT', 'REVERSAL')) <> (e.reason IS NOT NULL)",
    'entry-in-future': `e.at ${FROM_THE_FUTURE}`,
    'account-last-entry':
      'e.is_last AND a.user_id IS NOT NULL AND a.balance IS DISTINCT FROM e.balance_after',
    'account-last-withdrawn':
      'e.is_last AND a.user_id IS NOT NULL AND a.withdrawn IS DISTINCT FROM e.withdrawn_after',
  },
});

/** Every account beside the sums of its entries, and its user. */
const ACCOUNTS = comparison({
  facts: `coalesce(a.user_id, l.account_id, u.id) AS account, a.balance, a.withdrawn, a.version,
    coalesce(l.entries, 0) AS entries, coalesce(l.entries_sum, 0.00) AS entries_sum,
    coalesce(l.withdrawals_sum, 0.00) AS withdrawals_sum`,
  from: `gophermart.accounts a
    FULL JOIN (
      SELECT account_id, count(*) AS entries, sum(${SIGNED}) AS entries_sum,
        sum(${WITHDRAWN}) AS withdrawals_sum
      FROM gophermart.ledger_entries GROUP BY account_id
    ) AS l ON l.account_id = a.user_id
    FULL JOIN gophermart.users u ON u.id = coalesce(a.user_id, l.account_id)`,
  wrong: {
    'account-balance':
      'a.user_id IS NOT NULL AND a.balance IS DISTINCT FROM coalesce(l.entries_sum, 0)',
    'account-withdrawn':
      'a.user_id IS NOT NULL AND a.withdrawn IS DISTINCT FROM coalesce(l.withdrawals_sum, 0)',
    'account-version':
      'a.user_id IS NOT NULL AND a.version IS DISTINCT FROM coalesce(l.entries, 0)',
    'account-impossible': `a.user_id IS NOT NULL
      AND (a.balance >= 0 AND a.balance < 1e13 AND a.withdrawn >= 0 AND a.withdrawn < 'NaN')
      IS NOT TRUE`,
    'account-without-user': 'a.user_id IS NOT NULL AND u.id IS NULL',
    'user-without-account': 'u.id IS NOT NULL AND a.user_id IS NULL',
    'entries-without-account': 'l.account_id IS NOT NULL AND a.user_id IS NULL',
  },
});

/** Every reversal beside the withdrawal that it gives back. */
const REVERSALS = comparison({
  facts: `r.account_id AS account, r.id AS entry, r.amount, r.order_num AS number,
    w.account_id AS payer, w.amount AS paid`,
  from: `(SELECT * FROM gophermart.ledger_entries WHERE kind = 'REVERSAL') AS r
    LEFT JOIN gophermart.ledger_entries w ON w.order_num = r.order_num AND w.kind = 'WITHDRAWAL'`,
  wrong: {
    'reversal-without-withdrawal': `(w.account_id = r.account_id AND w.amount = r.amount
      AND w.version < r.version) IS NOT TRUE`,
  },
});

/**
 * What unique keys forbid: a restore that doubled its rows has left the keys out. Two entries of
 * one version show as wrong versions.
 */
const TWICE = [
  `SELECT order_num AS number, kind AS entry_kind, count(*) AS rows, sum(amount) AS amount,
     '{entry-twice}'::text[] AS kinds
   FROM gophermart.ledger_entries WHERE order_num IS NOT NULL
   GROUP BY order_num, kind HAVING count(*) > 1`,
  `SELECT user_id AS account, count(*) AS rows, '{account-twice}'::text[] AS kinds
   FROM gophermart.accounts GROUP BY user_id HAVING count(*) > 1`,
];

export const LEDGER_COMPARISONS: readonly string[] = [ACCOUNTS, ENTRIES, REVERSALS, ...TWICE];
