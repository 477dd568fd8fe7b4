-- Writes anew what the entries of one account say that they leave, as their sums, and the same in
-- their events: after `npm run customer -- recount`, where a wrong balance had been built upon.
--
--   psql -v account=<id> -f ops/postgres/running-sums.sql <the database, as a superuser>
\set ON_ERROR_STOP on
BEGIN;
SET LOCAL session_replication_role = replica;
SELECT balance, withdrawn FROM gophermart.accounts WHERE user_id = :'account' FOR UPDATE;
UPDATE gophermart.ledger_entries e
SET balance_after = right_sum.balance, withdrawn_after = right_sum.withdrawn
FROM (
  SELECT id,
    -- NaN, which the table refuses, for a kind that is not known here.
    sum(CASE WHEN kind = 'WITHDRAWAL' THEN -amount
      WHEN kind IN ('ACCRUAL', 'ADJUSTMENT', 'REVERSAL') THEN amount ELSE 'NaN' END)
      OVER own AS balance,
    sum(CASE kind WHEN 'WITHDRAWAL' THEN amount WHEN 'REVERSAL' THEN -amount ELSE 0.00 END) OVER own
      AS withdrawn
  FROM gophermart.ledger_entries WHERE account_id = :'account' WINDOW own AS (ORDER BY version)
) right_sum
WHERE e.id = right_sum.id
  AND (balance_after, withdrawn_after) IS DISTINCT FROM (right_sum.balance, right_sum.withdrawn);
UPDATE gophermart.events v
SET data = regexp_replace(data, '"balance":"[^"]*","withdrawn":"[^"]*"',
  format('"balance":"%s","withdrawn":"%s"', balance_after, withdrawn_after))
FROM gophermart.ledger_entries e
WHERE e.account_id = :'account' AND type = 'transaction_processed' AND subject = e.account_id
  AND revision = e.version
  AND data NOT LIKE format('%%"balance":"%s","withdrawn":"%s"%%', balance_after, withdrawn_after);
COMMIT;
