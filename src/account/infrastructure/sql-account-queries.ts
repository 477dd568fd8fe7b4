import { Injectable } from '@nestjs/common';
import type { JsonPage, JsonText, ListQuery } from '../../kernel/application/json-lists.js';
import { MomentInFuture } from '../../kernel/domain/domain-error.js';
import {
  BatchedList,
  type ChosenLines,
  isBigint,
  jsonTime,
  type ListSource,
} from '../../platform/postgres/reads/batched-list.js';
import { BatchedRead, userAndRest } from '../../platform/postgres/reads/batched-read.js';
import { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';
import {
  AccountQueries,
  type Balance,
  type EntryLine,
  type WithdrawalLine,
} from '../application/ports.js';
import type { EntryKind } from '../domain/account.js';
import { effectOn } from './sql-account-repository.js';

const balanceOf = (balance: string, withdrawn: string): string => `
  '{"current":' || trim_scale(${balance})::text
    || ',"withdrawn":' || trim_scale(${withdrawn})::text || '}'`;

const BALANCES = `
  SELECT user_id AS key, ${balanceOf('balance', 'withdrawn')} AS balance
  FROM gophermart.accounts WHERE user_id = ANY($1::uuid[])`;

/** NULL for a moment in the future. Times are shown in milliseconds: all of the last one count. */
const PAST_BALANCES = `
  SELECT r.key, CASE WHEN r.at <= clock_timestamp() THEN
    ${balanceOf('coalesce(balance_after, 0)', 'coalesce(withdrawn_after, 0)')} END AS balance
  FROM UNNEST($1::text[], $2::uuid[], $3::timestamptz[]) AS r (key, user_id, at)
  JOIN gophermart.accounts a USING (user_id)
  LEFT JOIN LATERAL (
    SELECT balance_after, withdrawn_after FROM gophermart.ledger_entries
    WHERE account_id = r.user_id AND version
      = gophermart.first_entry_since(r.user_id, r.at + interval '1 millisecond') - 1
  ) e ON true`;

/** The versions of the entries that a query asks for: from `low` to below `high`. */
const BOUNDS = `
  SELECT
    CASE WHEN isfinite(r.from_at) THEN gophermart.first_entry_since(r.user_id, r.from_at)
      ELSE 0 END AS low,
    CASE WHEN r.after IS NOT NULL THEN r.after::bigint
      WHEN isfinite(r.to_at) THEN gophermart.first_entry_since(r.user_id, r.to_at)
      ELSE 9223372036854775807 END AS high`;

const chosen = (columns: string): ChosenLines => ({
  bounds: BOUNDS,
  rows: `
    SELECT version::text AS position, ${columns} FROM gophermart.ledger_entries entry
    WHERE account_id = r.user_id AND version >= b.low AND version < b.high
    ORDER BY version DESC LIMIT r.lines`,
  isPosition: isBigint,
});

/** The same by the index that has the kinds, which is ordered otherwise (`DateOrderSteps`). */
const chosenOf = (kind: string, columns: string): ChosenLines => ({
  ...chosen(columns),
  rows: `
    SELECT version::text AS position, ${columns} FROM gophermart.ledger_entries entry
    WHERE account_id = r.user_id AND kind = ${kind} AND -version <= -b.low AND -version > -b.high
    ORDER BY -version LIMIT r.lines`,
});

const WITHDRAWAL_COLUMNS = `order_num, amount, at, (
  SELECT at FROM gophermart.ledger_entries reversal
  WHERE kind = 'REVERSAL' AND reversal.order_num = entry.order_num
) AS reversed_at`;

const WITHDRAWALS: ListSource = {
  users: { table: 'gophermart.accounts', id: 'user_id' },
  newest: (user) => `
    SELECT version AS position, ${WITHDRAWAL_COLUMNS} FROM gophermart.ledger_entries entry
    WHERE account_id = ${user} AND kind = 'WITHDRAWAL'
    ORDER BY -version`,
  chosen: chosenOf(`'WITHDRAWAL'`, WITHDRAWAL_COLUMNS),
  line: `
    '{"order":"' || order_num || '","sum":' || trim_scale(amount)::text
      || ',"processed_at":"' || ${jsonTime('at')}
      || coalesce('","reversed_at":"' || ${jsonTime('reversed_at')}, '') || '"}'`,
  bytes: 'octet_length(order_num)',
};

const ENTRY_COLUMNS = 'id, kind, order_num, amount, balance_after, at, reason';
const ENTRIES_OF_KIND = chosenOf('kinds.kind', `version, ${ENTRY_COLUMNS}`);

const HISTORY: ListSource = {
  users: { table: 'gophermart.accounts', id: 'user_id' },
  newest: (user) => `
    SELECT version AS position, ${ENTRY_COLUMNS} FROM gophermart.ledger_entries
    WHERE account_id = ${user}
    ORDER BY version DESC`,
  chosen: chosen(ENTRY_COLUMNS),
  ofKinds: {
    ...ENTRIES_OF_KIND,
    rows: `
      SELECT e.*
      FROM UNNEST(enum_range(NULL::gophermart.entry_kind)) AS kinds (kind)
      CROSS JOIN LATERAL (${ENTRIES_OF_KIND.rows}) e
      WHERE kinds.kind::text = ANY(r.kinds)
      ORDER BY version DESC LIMIT r.lines`,
  },
  line: `
    '{"id":"' || id || '","kind":"' || kind || coalesce('","order":"' || order_num, '')
      || '","amount":' || trim_scale(${effectOn('balance')})::text
      || ',"balance_after":' || trim_scale(balance_after)::text || ',"at":"' || ${jsonTime('at')}
      || '"' || coalesce(',"reason":' || to_json(reason)::text, '') || '}'`,
  bytes: '200 + coalesce(octet_length(order_num), 0) + coalesce(octet_length(reason), 0)',
};

/** What a user is shown of an account, in SQL: of the books, or of a read model. */
export interface AccountSql {
  /** Rows of `key` and `balance` for the users `$1`. */
  readonly balances: string;
  /** The same as of a time, by keys, users and times; NULL for a time in the future. */
  readonly pastBalances: string;
  readonly withdrawals: ListSource;
  readonly history: ListSource;
}

/**
 * PostgreSQL writes the JSON (ADR 0010). Numbers, digits and times need no escaping, texts
 * go through `to_json`, and the service passes on one string.
 */
export class AccountQueriesInSql extends AccountQueries {
  readonly #balances: BatchedRead<{ readonly balance: JsonText<Balance> }>;
  readonly #pastBalances: BatchedRead<{ readonly balance: JsonText<Balance> | null }>;
  readonly #withdrawals: BatchedList<WithdrawalLine>;
  readonly #history: BatchedList<EntryLine, EntryKind>;

  constructor(
    database: PgUnitOfWork,
    { balances, pastBalances, withdrawals, history }: AccountSql,
  ) {
    super();
    this.#balances = new BatchedRead(database, balances);
    this.#pastBalances = new BatchedRead(database, pastBalances, undefined, userAndRest);
    this.#withdrawals = new BatchedList(database, withdrawals);
    this.#history = new BatchedList(database, history);
  }

  async balance(userId: string, at?: number): Promise<JsonText<Balance>> {
    if (at === undefined) return (await this.#balances.get(userId)).balance;
    const { balance } = await this.#pastBalances.get(`${userId} ${new Date(at).toISOString()}`);
    if (balance === null) throw new MomentInFuture('at');
    return balance;
  }

  withdrawalsPage(userId: string, query: ListQuery): Promise<JsonPage<WithdrawalLine>> {
    return this.#withdrawals.page(userId, query);
  }

  historyPage(userId: string, query: ListQuery<EntryKind>): Promise<JsonPage<EntryLine>> {
    return this.#history.page(userId, query);
  }
}

@Injectable()
export class SqlAccountQueries extends AccountQueriesInSql {
  constructor(database: PgUnitOfWork) {
    super(database, {
      balances: BALANCES,
      pastBalances: PAST_BALANCES,
      withdrawals: WITHDRAWALS,
      history: HISTORY,
    });
  }
}
