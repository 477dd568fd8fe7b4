import { Injectable } from '@nestjs/common';
import { AccountQueriesInSql } from '../../account/index.js';
import {
  type ChosenLines,
  isBigint,
  jsonTime,
  type ListSource,
} from '../../platform/postgres/reads/batched-list.js';
import { ReadModelDatabase } from './read-model-database.js';

const LAST = '9223372036854775807';

/** The revision of the first entry since then. Unlike versions in the books they may have gaps. */
const firstSince = (moment: string): string => `
  coalesce((
    SELECT revision FROM gophermart_query.entries
    WHERE user_id = r.user_id AND at >= ${moment} ORDER BY at, revision LIMIT 1
  ), ${LAST})`;

/** The revisions of the entries that a query asks for: from `low` to below `high`. */
const BOUNDS = `
  SELECT
    CASE WHEN isfinite(r.from_at) THEN ${firstSince('r.from_at')} ELSE 0 END AS low,
    CASE WHEN r.after IS NOT NULL THEN r.after::bigint
      WHEN isfinite(r.to_at) THEN ${firstSince('r.to_at')} ELSE ${LAST} END AS high`;

const chosen = (columns: string): ChosenLines => ({
  bounds: BOUNDS,
  rows: `
    SELECT revision::text AS position, ${columns} FROM gophermart_query.entries
    WHERE user_id = r.user_id AND revision >= b.low AND revision < b.high
    ORDER BY revision DESC LIMIT r.lines`,
  isPosition: isBigint,
});

/** The same by the index that has the kinds, which is ordered otherwise, as in the books. */
const chosenOf = (kind: string, columns: string): ChosenLines => ({
  ...chosen(columns),
  rows: `
    SELECT revision::text AS position, ${columns} FROM gophermart_query.entries entry
    WHERE user_id = r.user_id AND entry.kind = ${kind}
      AND -revision <= -b.low AND -revision > -b.high
    ORDER BY -revision LIMIT r.lines`,
});

const WITHDRAWAL_COLUMNS = `num, amount, at, (
  SELECT at FROM gophermart_query.entries reversal
  WHERE kind = 'REVERSAL' AND reversal.num = entry.num LIMIT 1
) AS reversed_at`;

const WITHDRAWALS: ListSource = {
  newest: (user) => `
    SELECT revision AS position, ${WITHDRAWAL_COLUMNS} FROM gophermart_query.entries entry
    WHERE user_id = ${user} AND kind = 'WITHDRAWAL' ORDER BY -revision`,
  chosen: chosenOf(`'WITHDRAWAL'`, WITHDRAWAL_COLUMNS),
  line: `
    '{"order":"' || num || '","sum":' || trim_scale(-amount)::text || ',"processed_at":"'
      || ${jsonTime('at')} || coalesce('","reversed_at":"' || ${jsonTime('reversed_at')}, '')
      || '"}'`,
  bytes: 'octet_length(num)',
};

const ENTRY_COLUMNS = 'id, kind, num, amount, balance, at, reason';
const ENTRIES_OF_KIND = chosenOf('kinds.kind', `revision, ${ENTRY_COLUMNS}`);

const HISTORY: ListSource = {
  newest: (user) => `
    SELECT revision AS position, ${ENTRY_COLUMNS} FROM gophermart_query.entries
    WHERE user_id = ${user} ORDER BY revision DESC`,
  chosen: chosen(ENTRY_COLUMNS),
  ofKinds: {
    ...ENTRIES_OF_KIND,
    rows: `
      SELECT e.* FROM UNNEST(r.kinds) AS kinds (kind)
      CROSS JOIN LATERAL (${ENTRIES_OF_KIND.rows}) e
      ORDER BY revision DESC LIMIT r.lines`,
  },
  // Entries that came before their ids were kept have none until they come again.
  line: `
    '{"id":"' || coalesce(id::text, '') || '","kind":"' || kind
      || coalesce('","order":"' || num, '') || '","amount":' || trim_scale(amount)::text
      || ',"balance_after":' || trim_scale(balance)::text || ',"at":"' || ${jsonTime('at')} || '"'
      || coalesce(',"reason":' || to_json(reason)::text, '') || '}'`,
  bytes: '200 + coalesce(octet_length(num), 0) + coalesce(octet_length(reason), 0)',
};

const BALANCE = `
  '{"current":' || coalesce(trim_scale(balance), 0)::text
    || ',"withdrawn":' || coalesce(trim_scale(withdrawn), 0)::text || '}'`;

/** That after the last entry, or the one that the account was set to since. */
const BALANCES = `
  SELECT u AS key, ${BALANCE} AS balance
  FROM UNNEST($1::uuid[]) u LEFT JOIN LATERAL (
    (
      SELECT balance, withdrawn, position FROM gophermart_query.entries
      WHERE user_id = u ORDER BY revision DESC LIMIT 1
    )
    UNION ALL
    SELECT balance, withdrawn, position FROM gophermart_query.recounts WHERE user_id = u
    ORDER BY position DESC NULLS LAST LIMIT 1
  ) last ON true`;

/** NULL for a moment in the future. */
const PAST_BALANCES = `
  SELECT r.key, CASE WHEN r.moment <= clock_timestamp() THEN ${BALANCE} END AS balance
  FROM UNNEST($1::text[], $2::uuid[], $3::timestamptz[]) AS r (key, user_id, moment)
  LEFT JOIN LATERAL (
    SELECT balance, withdrawn FROM gophermart_query.entries
    WHERE user_id = r.user_id AND at < r.moment + interval '1 millisecond'
    ORDER BY at DESC, revision DESC LIMIT 1
  ) last ON true`;

@Injectable()
export class ReadModelAccountQueries extends AccountQueriesInSql {
  constructor(database: ReadModelDatabase) {
    super(database, {
      balances: BALANCES,
      pastBalances: PAST_BALANCES,
      withdrawals: WITHDRAWALS,
      history: HISTORY,
    });
  }
}
