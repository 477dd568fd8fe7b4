import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../kernel/application/unit-of-work.js';
import { Money } from '../../kernel/domain/money.js';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { pgOf } from '../../platform/postgres/pg-transaction.js';
import { AccountRepository, Accounts, type StoredEntry } from '../application/ports.js';
import {
  Account,
  type AccountSum,
  EFFECTS,
  ENTRY_KINDS,
  type EntryKind,
  type EntrySums,
  type LedgerEntry,
} from '../domain/account.js';
import { Payments } from '../domain/payments.js';

interface AccountRow {
  readonly user_id: string;
  readonly balance: string;
  readonly withdrawn: string;
  readonly version: string;
  readonly is_blocked: boolean;
}

interface PaymentRow {
  readonly account_id: string;
  readonly order_num: string;
  readonly amount: string;
  readonly kind: 'WITHDRAWAL' | 'REVERSAL';
}

interface EntryRow {
  readonly account_id: string;
  readonly kind: EntryKind;
  /** Signed where it is an adjustment. */
  readonly amount: string;
}

const IN_SQL = { '1': 'amount', '0': '0', '-1': '-amount' } as const;

/**
 * What an entry does to this sum of its account, in SQL. One of a kind that this program does not
 * know makes it NaN, which nobody takes for points.
 */
export function effectOn(sum: AccountSum): string {
  const known = ENTRY_KINDS.map((kind) => `WHEN '${kind}' THEN ${IN_SQL[EFFECTS[kind][sum]]}`);
  return `CASE kind ${known.join(' ')} ELSE 'NaN' END`;
}

/** In kopecks. */
const SUMS = `
  SELECT coalesce(max(version), 0)::text AS version,
    trunc(coalesce(sum(${effectOn('balance')}), 0) * 100)::text AS balance,
    trunc(coalesce(sum(${effectOn('withdrawn')}), 0) * 100)::text AS withdrawn
  FROM gophermart.ledger_entries WHERE account_id = $1`;

/**
 * One statement for a whole batch. Rows are locked and unique keys inserted in sorted order, so
 * that no two batches deadlock.
 */
@Injectable()
export class SqlAccountRepository extends AccountRepository {
  open(transaction: Transaction, userIds: readonly string[]): void {
    pgOf(transaction).sendWithNext(
      `INSERT INTO gophermart.accounts (user_id)
       SELECT id FROM UNNEST($1::uuid[]) AS u (id) ORDER BY id
       ON CONFLICT DO NOTHING`,
      [userIds],
    );
  }

  async setBlocked(transaction: Transaction, userId: string, isBlocked: boolean): Promise<void> {
    await pgOf(transaction).query(
      // Also where nothing changes: a row that a condition leaves out is not waited for.
      `UPDATE gophermart.accounts
       SET blocked_at = CASE WHEN $2 THEN coalesce(blocked_at, clock_timestamp()) END
       WHERE user_id = $1`,
      [userId, isBlocked],
    );
  }

  async lock(transaction: Transaction, userIds: readonly string[]): Promise<Accounts> {
    const { rows } = await pgOf(transaction).query<AccountRow>(
      `SELECT user_id, balance, withdrawn, version, blocked_at IS NOT NULL AS is_blocked
       FROM gophermart.accounts
       WHERE user_id = ANY($1::uuid[]) ORDER BY user_id FOR NO KEY UPDATE`,
      [[...new Set(userIds)]],
    );
    return new Accounts(rows.map(restore));
  }

  async payments(
    transaction: Transaction,
    orderNumbers: readonly OrderNumber[],
  ): Promise<Payments> {
    const { rows } = await pgOf(transaction).query<PaymentRow>(
      `SELECT account_id, order_num, amount, kind FROM gophermart.ledger_entries
       WHERE kind IN ('WITHDRAWAL', 'REVERSAL') AND order_num = ANY($1::text[])`,
      [orderNumbers.map(({ value }) => value)],
    );
    const reversals = rows.filter(({ kind }) => kind === 'REVERSAL');
    const reversed = new Set(reversals.map(({ order_num }) => order_num));
    const payments = rows.filter(({ kind }) => kind === 'WITHDRAWAL');
    return new Payments(
      payments.map((row) => ({
        accountId: row.account_id,
        orderNumber: OrderNumber.restore(row.order_num),
        sum: Money.exact(row.amount),
        isReversed: reversed.has(row.order_num),
      })),
    );
  }

  async entry(transaction: Transaction, id: string): Promise<StoredEntry | undefined> {
    const { rows } = await pgOf(transaction).query<EntryRow>(
      'SELECT account_id, kind, amount FROM gophermart.ledger_entries WHERE id = $1',
      [id],
    );
    const [row] = rows;
    return (
      row && {
        accountId: row.account_id,
        kind: row.kind,
        amount: Money.exact(row.amount.replace('-', '')),
        isTaken: takes(row.kind) !== row.amount.startsWith('-'),
      }
    );
  }

  async sums(transaction: Transaction, userId: string): Promise<EntrySums> {
    const { rows } = await pgOf(transaction).query<Record<keyof EntrySums, string>>(SUMS, [userId]);
    const [row] = rows;
    if (!row) throw new Error('an aggregate has one row');
    return {
      balance: BigInt(row.balance),
      withdrawn: BigInt(row.withdrawn),
      version: BigInt(row.version),
    };
  }

  save(transaction: Transaction, { changed }: Accounts): void {
    if (changed.length === 0) return;
    const entries = changed.flatMap(({ newEntries }) => newEntries);
    if (entries.length > 0) this.append(transaction, entries);
    const states = changed.map((account) => account.snapshot());
    pgOf(transaction).sendWithNext(
      `UPDATE gophermart.accounts a
       SET balance = s.balance, withdrawn = s.withdrawn, version = s.version
       FROM UNNEST($1::uuid[], $2::numeric[], $3::numeric[], $4::bigint[])
         AS s (user_id, balance, withdrawn, version)
       WHERE a.user_id = s.user_id`,
      [
        states.map(({ userId }) => userId),
        states.map(({ balance }) => balance.toString()),
        states.map(({ withdrawn }) => withdrawn.toString()),
        states.map(({ version }) => version.toString()),
      ],
    );
  }

  /**
   * Two users who pay one number at once hold different locks. The unique key lets one of them in;
   * the other's transaction fails and decides again.
   *
   * The entries of a batch have one time: that of the account's last entry where the database's
   * clock was set back since then. The account is locked, so that entry is visible.
   */
  private append(transaction: Transaction, entries: readonly LedgerEntry[]): void {
    pgOf(transaction).sendWithNext(
      `INSERT INTO gophermart.ledger_entries
         (id, account_id, version, kind, amount, balance_after, withdrawn_after, order_num, reason,
          trace, at)
       SELECT e.*, greatest((SELECT clock_timestamp()), (
           SELECT at FROM gophermart.ledger_entries
           WHERE account_id = e.account_id ORDER BY version DESC LIMIT 1
         ))
       FROM UNNEST($1::uuid[], $2::uuid[], $3::bigint[], $4::gophermart.entry_kind[],
         $5::numeric[], $6::numeric[], $7::numeric[], $8::text[], $9::text[], $10::text[])
         AS e (id, account_id, version, kind, amount, balance_after, withdrawn_after, order_num,
           reason, trace)
       ORDER BY order_num COLLATE "C", kind`,
      [
        entries.map(({ id }) => id),
        entries.map(({ accountId }) => accountId),
        entries.map(({ version }) => version.toString()),
        entries.map(({ kind }) => kind),
        entries.map(storedAmount),
        entries.map(({ balanceAfter }) => balanceAfter.toString()),
        entries.map(({ withdrawnAfter }) => withdrawnAfter.toString()),
        entries.map(({ orderNumber }) => orderNumber?.value ?? null),
        entries.map(({ reason }) => reason ?? null),
        entries.map(({ trace }) => trace?.toString() ?? null),
      ],
    );
  }
}

function takes(kind: EntryKind): boolean {
  return EFFECTS[kind].balance < 0;
}

/** Below zero where the entry does the opposite of its kind. */
function storedAmount({ kind, amount, isTaken }: LedgerEntry): string {
  return isTaken === takes(kind) ? amount.toString() : `-${amount.toString()}`;
}

function restore(row: AccountRow): Account {
  return Account.restore({
    userId: row.user_id,
    balance: Money.exact(row.balance),
    withdrawn: Money.total(row.withdrawn),
    version: BigInt(row.version),
    isBlocked: row.is_blocked,
  });
}
