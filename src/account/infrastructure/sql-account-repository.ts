import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../kernel/application/unit-of-work.js';
import { Money } from '../../kernel/domain/money.js';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { pgOf } from '../../platform/postgres/pg-transaction.js';
import { AccountRepository, Accounts } from '../application/ports.js';
import { Account, type LedgerEntry } from '../domain/account.js';
import { Payments } from '../domain/payments.js';

interface AccountRow {
  readonly user_id: string;
  readonly balance: string;
  readonly withdrawn: string;
  readonly version: string;
}

interface PaymentRow {
  readonly account_id: string;
  readonly order_num: string;
  readonly amount: string;
}

/**
 * One statement for a whole list. Rows are locked and unique keys inserted in sorted order, so that
 * no two lists deadlock.
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

  async lock(transaction: Transaction, userIds: readonly string[]): Promise<Accounts> {
    const { rows } = await pgOf(transaction).query<AccountRow>(
      `SELECT user_id, balance, withdrawn, version FROM gophermart.accounts
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
      `SELECT account_id, order_num, amount FROM gophermart.ledger_entries
       WHERE kind = 'WITHDRAWAL' AND order_num = ANY($1::text[])`,
      [orderNumbers.map(({ value }) => value)],
    );
    return new Payments(
      rows.map((row) => ({
        accountId: row.account_id,
        orderNumber: OrderNumber.restore(row.order_num),
        sum: Money.exact(row.amount),
      })),
    );
  }

  save(transaction: Transaction, { changed }: Accounts): void {
    if (changed.length === 0) return;
    const entries = changed.flatMap(({ newEntries }) => newEntries);
    this.append(transaction, entries);
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
   * The entries of a list have one time: that of the account's last entry where the database's
   * clock was set back since then. The account is locked, so that entry is visible.
   */
  private append(transaction: Transaction, entries: readonly LedgerEntry[]): void {
    pgOf(transaction).sendWithNext(
      `INSERT INTO gophermart.ledger_entries
         (id, account_id, version, kind, amount, balance_after, withdrawn_after, order_num, at)
       SELECT e.*, greatest((SELECT clock_timestamp()), (
           SELECT at FROM gophermart.ledger_entries
           WHERE account_id = e.account_id ORDER BY version DESC LIMIT 1
         ))
       FROM UNNEST($1::uuid[], $2::uuid[], $3::bigint[], $4::gophermart.entry_kind[],
         $5::numeric[], $6::numeric[], $7::numeric[], $8::text[])
         AS e (id, account_id, version, kind, amount, balance_after, withdrawn_after, order_num)
       ORDER BY order_num COLLATE "C", kind`,
      [
        entries.map(({ id }) => id),
        entries.map(({ accountId }) => accountId),
        entries.map(({ version }) => version.toString()),
        entries.map(({ kind }) => kind),
        entries.map(({ amount }) => amount.toString()),
        entries.map(({ balanceAfter }) => balanceAfter.toString()),
        entries.map(({ withdrawnAfter }) => withdrawnAfter.toString()),
        entries.map(({ orderNumber }) => orderNumber.value),
      ],
    );
  }
}

function restore(row: AccountRow): Account {
  return Account.restore({
    userId: row.user_id,
    balance: Money.exact(row.balance),
    withdrawn: Money.exact(row.withdrawn),
    version: BigInt(row.version),
  });
}
