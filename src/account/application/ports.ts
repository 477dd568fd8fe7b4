import {
  type JsonList,
  type JsonPage,
  type JsonText,
  listOf,
} from '../../kernel/application/ports.js';
import type { Transaction } from '../../kernel/application/unit-of-work.js';
import { UserMissing } from '../../kernel/domain/domain-error.js';
import type { OrderNumber } from '../../kernel/domain/order-number.js';
import type { Account } from '../domain/account.js';
import type { Payments } from '../domain/payments.js';

/** Where accounts and their ledger are kept. */
export abstract class AccountRepository {
  /** Has an empty account opened with the commit for each user that has none. */
  abstract open(transaction: Transaction, userIds: readonly string[]): void;

  /** Locks the users' accounts until the end of the transaction, in the order of their ids. */
  abstract lock(transaction: Transaction, userIds: readonly string[]): Promise<Accounts>;

  /**
   * What was already paid for these orders, by anybody. To be asked for after `lock`: what the lock
   * waited for is visible then.
   */
  abstract payments(
    transaction: Transaction,
    orderNumbers: readonly OrderNumber[],
  ): Promise<Payments>;

  /**
   * Has balances and new ledger entries stored with the commit, which fails with StaleState where
   * the ledger holds an entry for one of the orders by now. The database dates the entries, none
   * before the account's last one (ADR 0029).
   */
  abstract save(transaction: Transaction, accounts: Accounts): void;
}

/** Accounts by their user. */
export class Accounts {
  readonly #byUser: ReadonlyMap<string, Account>;

  constructor(accounts: readonly Account[]) {
    this.#byUser = new Map(accounts.map((account) => [account.snapshot().userId, account]));
  }

  /** Every registration opens one. @throws UserMissing when it was removed with its user. */
  of(userId: string): Account {
    const account = this.#byUser.get(userId);
    if (!account) throw new UserMissing();
    return account;
  }

  get changed(): readonly Account[] {
    return [...this.#byUser.values()].filter(({ newEntries }) => newEntries.length > 0);
  }
}

/** A user's points, as they are shown; exact to two decimals. */
export interface Balance {
  readonly current: number;
  /** All that was ever withdrawn. */
  readonly withdrawn: number;
}

/** A line of a user's list of withdrawals, as it is shown. */
export interface WithdrawalLine {
  readonly order: string;
  /** Points, exact to two decimals. */
  readonly sum: number;
  /** RFC 3339. */
  readonly processed_at: string;
}

/** A user's own account as it is shown: read models, written as JSON where the data is. */
export abstract class AccountQueries {
  /** @throws UserMissing */
  abstract balance(userId: string): Promise<JsonText<Balance>>;

  /**
   * Some withdrawals, newest first: the first ones, or those after an earlier page.
   *
   * @throws UserMissing; UnknownPage.
   */
  abstract withdrawalsPage(userId: string, after?: string): Promise<JsonPage<WithdrawalLine>>;

  /** All of them, newest first. @throws UserMissing */
  withdrawals(userId: string): Promise<JsonList<WithdrawalLine>> {
    return listOf((after) => this.withdrawalsPage(userId, after));
  }
}
