import { comparison, utc } from './comparison.js';
import { SIGNED } from './ledger-comparisons.js';

/** Where a value stands in `{"order":"1","status":"NEW"}`, cut at its quotes: JSON takes longer. */
const NUMBER = `split_part(data, '"', 4) COLLATE "C"`;
const STATUS = `split_part(data, '"', 8)`;

/** They have the revisions of an order; `accrual_…` name the one that they found. */
const OF_STATE = `type IN ('order_created', 'order_updated')`;

/** Every order beside what its events come to: the last revision has the state. */
const ORDERS = comparison({
  facts: `coalesce(o.num, e.num) AS number, o.user_id AS "user", o.status, o.accrual, e.events,
    e.last, e.subject, substr(e.state, length(e.last::text) + 1) AS state`,
  from: `gophermart.orders o
    FULL JOIN (
      SELECT ${NUMBER} AS num, min(subject::text COLLATE "C") AS subject,
        max(subject::text COLLATE "C") AS other_subject,
        max(revision) FILTER (WHERE ${OF_STATE}) AS last,
        count(*) FILTER (WHERE ${OF_STATE}) AS events,
        sum(revision) FILTER (WHERE ${OF_STATE}) AS revisions,
        count(*) FILTER (WHERE type = 'order_created' AND revision = 1) AS created,
        count(*) FILTER (WHERE type = 'accrual_finished') AS answers,
        count(*) FILTER (
          WHERE type = 'order_updated' AND ${STATUS} IN ('INVALID', 'PROCESSED')
        ) AS answered,
        max(data COLLATE "C") FILTER (WHERE type = 'accrual_finished') AS answer,
        max((revision || data) COLLATE "C") FILTER (WHERE ${OF_STATE}) AS state
      FROM gophermart.events
      WHERE ${OF_STATE} OR type IN ('accrual_started', 'accrual_finished', 'accrual_failed')
      GROUP BY 1
    ) AS e ON e.num = o.num`,
  wrong: {
    'order-without-event': 'o.id IS NOT NULL AND e.num IS NULL',
    'event-without-order': 'o.id IS NULL',
    'event-revision': `o.id IS NOT NULL AND e.num IS NOT NULL
      AND (e.created = 1 AND e.events = e.last AND e.revisions = e.last * (e.last + 1) / 2)
      IS NOT TRUE`,
    'event-of-order': `o.id IS NOT NULL AND e.num IS NOT NULL AND (
      e.subject = o.user_id::text AND e.other_subject = e.subject AND e.answers = e.answered
      AND (e.answer IS NULL OR e.last || e.answer = e.state)
      AND e.state = e.last || '{"order":"' || o.num || '","status":"' || o.status
        || coalesce('","accrual":"' || o.accrual::numeric(20, 2), '')
        || CASE e.last WHEN 1 THEN '","uploaded_at":"' || ${utc('o.uploaded_at')} ELSE '' END
        || '"}'
    ) IS NOT TRUE`,
  },
});

/** Every entry of the ledger beside its event. */
const ENTRIES = comparison({
  facts: `coalesce(l.account_id, e.subject) AS account, l.id AS entry,
    coalesce(l.version, e.revision) AS version, l.kind AS entry_kind, l.amount,
    l.order_num AS number, e.data`,
  from: `gophermart.ledger_entries l
    FULL JOIN (
      SELECT subject, revision, data FROM gophermart.events WHERE type = 'transaction_processed'
    ) AS e ON e.subject = l.account_id AND e.revision = l.version`,
  wrong: {
    'entry-without-event': 'l.id IS NOT NULL AND e.data IS NULL',
    'event-without-entry': 'l.id IS NULL',
    'event-of-entry': `l.id IS NOT NULL AND e.data IS NOT NULL AND (
      e.data = '{"transaction":"' || l.id || '","kind":"' || l.kind
        || coalesce('","order":"' || l.order_num, '')
        || '","amount":"' || ${SIGNED}
        || '","balance":"' || l.balance_after || '","withdrawn":"' || l.withdrawn_after || '"'
        || coalesce(',"reason":' || to_json(l.reason)::text, '') || '}'
    ) IS NOT TRUE`,
  },
});

/** Every user beside the events of coming and going. The row of one who was forgotten stays. */
const USERS = comparison({
  facts: `coalesce(u.id, e.subject) AS account, coalesce(e.came, 0) AS came,
    coalesce(e.gone, 0) AS gone`,
  from: `(SELECT id FROM gophermart.users WHERE forgotten_at IS NULL) AS u
    FULL JOIN (
      SELECT subject, count(*) FILTER (WHERE type = 'user_registered') AS came,
        count(*) FILTER (WHERE type = 'user_forgotten') AS gone
      FROM gophermart.events WHERE type IN ('user_registered', 'user_forgotten') GROUP BY subject
    ) AS e ON e.subject = u.id`,
  wrong: {
    'user-without-event': 'u.id IS NOT NULL AND (e.came = e.gone + 1) IS NOT TRUE',
    'event-without-user': 'u.id IS NULL AND e.came > e.gone',
  },
});

const TWICE = `
  SELECT subject AS account, revision AS version, count(*) AS rows, '{event-twice}'::text[] AS kinds
  FROM gophermart.events WHERE type = 'transaction_processed'
  GROUP BY subject, revision HAVING count(*) > 1`;

export const JOURNAL_COMPARISONS: readonly string[] = [ORDERS, ENTRIES, USERS, TWICE];
