/**
 * A promise of the books that one statement can refute: every row it finds is the sentence of a
 * violation.
 */
interface Promised {
  readonly what: string;
  readonly violations: string;
}

const SIGNED = `CASE kind WHEN 'ACCRUAL' THEN amount ELSE -amount END`;

/**
 * Written apart from the service's own reconciliation, on the tables alone: what one overlooks the
 * other may see.
 */
export const PROMISES: readonly Promised[] = [
  {
    what: 'balance = sum of the entries = the last balance_after, withdrawn = sum of the withdrawals, version = number of the entries',
    violations: `
      SELECT format('the account of %s has %s, %s withdrawn, version %s; its %s entries sum up to %s, %s withdrawn, and end with %s',
        u.login, a.balance, a.withdrawn, a.version, e.entries, e.balance, e.withdrawn, e.last) AS violation
      FROM gophermart.accounts a JOIN gophermart.users u ON u.id = a.user_id CROSS JOIN LATERAL (
        SELECT count(*) AS entries, coalesce(sum(${SIGNED}), 0) AS balance,
          coalesce(sum(amount) FILTER (WHERE kind = 'WITHDRAWAL'), 0) AS withdrawn,
          coalesce((array_agg(balance_after ORDER BY version DESC))[1], 0) AS last
        FROM gophermart.ledger_entries l WHERE l.account_id = a.user_id) e
      WHERE (a.balance, a.withdrawn, a.version, a.balance) IS DISTINCT FROM (e.balance, e.withdrawn, e.entries, e.last)`,
  },
  {
    what: 'entries are numbered without a gap, and each balance_after is the one before and the amount, never negative',
    violations: `
      SELECT format('entry %s of %s (%s of %s for order %s at %s) has balance_after %s; it is number %s and the running sum is %s',
        version, login, kind, amount, order_num, at, balance_after, place, running) AS violation
      FROM (SELECT l.*, u.login, row_number() OVER w AS place, sum(${SIGNED}) OVER w AS running
        FROM gophermart.ledger_entries l JOIN gophermart.users u ON u.id = l.account_id
        WINDOW w AS (PARTITION BY l.account_id ORDER BY l.version, l.id)) e
      WHERE place <> version OR running <> balance_after OR running < 0 OR amount <= 0`,
  },
  {
    what: 'one entry per order number and kind',
    violations: `
      SELECT format('order %s has %s entries of kind %s: %s', order_num, count(*), kind, string_agg(amount || ' at ' || at, ', ')) AS violation
      FROM gophermart.ledger_entries GROUP BY order_num, kind HAVING count(*) > 1`,
  },
  {
    what: 'an order with points has its entry on the account of its owner',
    violations: `
      SELECT format('order %s of %s is %s with %s, its entries: %s', o.num, u.login, o.status, coalesce(o.accrual, 0), coalesce(e.entries, 'none')) AS violation
      FROM gophermart.orders o JOIN gophermart.users u ON u.id = o.user_id LEFT JOIN LATERAL (
        SELECT string_agg(l.amount || ' on ' || l.account_id, ', ') AS entries, count(*) AS found,
          bool_and(l.amount = o.accrual AND l.account_id = o.user_id) AS fit
        FROM gophermart.ledger_entries l WHERE l.kind = 'ACCRUAL' AND l.order_num = o.num) e ON true
      WHERE CASE WHEN o.accrual IS NULL THEN e.found <> 0 ELSE o.status <> 'PROCESSED' OR e.found <> 1 OR NOT e.fit END`,
  },
  {
    what: 'an accrual belongs to an order',
    violations: `
      SELECT format('%s were credited to %s for order %s, which does not exist', l.amount, l.account_id, l.order_num) AS violation
      FROM gophermart.ledger_entries l
      WHERE l.kind = 'ACCRUAL' AND NOT EXISTS (SELECT FROM gophermart.orders o WHERE o.num = l.order_num)`,
  },
  {
    what: 'balance + withdrawn = the points of all orders',
    violations: `
      SELECT format('%s has %s and has withdrawn %s, but the orders brought %s', u.login, a.balance, a.withdrawn, o.points) AS violation
      FROM gophermart.accounts a JOIN gophermart.users u ON u.id = a.user_id CROSS JOIN LATERAL (
        SELECT coalesce(sum(accrual), 0) AS points FROM gophermart.orders WHERE user_id = a.user_id) o
      WHERE a.balance + a.withdrawn <> o.points OR a.balance < 0 OR a.withdrawn < 0`,
  },
  {
    what: 'nothing is left to do',
    violations: `
      SELECT format('order %s of %s is %s, its task: %s', o.num, u.login, o.status,
        coalesce(format('%s, %s tries, attempt %s, %s', q.status, q.tries, q.attempt, q.reason), 'none')) AS violation
      FROM gophermart.orders o JOIN gophermart.users u ON u.id = o.user_id LEFT JOIN gophermart.queue q ON q.order_id = o.id
      WHERE o.status NOT IN ('PROCESSED', 'INVALID') OR q.order_id IS NOT NULL`,
  },
  {
    what: 'a login is one user, a user has one account, a number is one order',
    violations: `
      SELECT format('login %s belongs to %s users', login, count(*)) AS violation FROM gophermart.users GROUP BY login HAVING count(*) > 1
      UNION ALL
      SELECT format('%s has no account', login) FROM gophermart.users u
      WHERE NOT EXISTS (SELECT FROM gophermart.accounts a WHERE a.user_id = u.id)
      UNION ALL
      SELECT format('order %s exists %s times', num, count(*)) FROM gophermart.orders GROUP BY num HAVING count(*) > 1`,
  },
];
