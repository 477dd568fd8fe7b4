import {
  type JsonList,
  type JsonPage,
  type JsonText,
  type ListQuery,
  listOf,
} from '../../kernel/application/json-lists.js';
import type { Transaction } from '../../kernel/application/unit-of-work.js';
import { UserMissing } from '../../kernel/domain/domain-error.js';
import type { Money } from '../../kernel/domain/money.js';
import type { OrderNumber } from '../../kernel/domain/order-number.js';
import type { Account, EntryKind, EntrySums } from '../domain/account.js';
import type { Payments } from '../domain/payments.js';

/** What is counted for operators. */
export abstract class AccountMetrics {
  /** These withdrawals were charged, each for the first time. */
  abstract spent(sums: readonly Money[]): void;
}

/** Where accounts and their ledger are kept. */
export abstract class AccountRepository {
  /** Has an empty account opened with the commit for each user that has none. */
  abstract open(transaction: Transaction, userIds: readonly string[]): void;

  /**
   * Locks the account, and says whether its user may spend points. It decides withdrawals that wait
   * for the lock.
   */
  abstract setBlocked(transaction: Transaction, userId: string, isBlocked: boolean): Promise<void>;

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

  /** The entry of this id, of whichever account. */
  abstract entry(transaction: Transaction, id: string): Promise<StoredEntry | undefined>;

  /** What the entries of a locked account add up to. */
  abstract sums(transaction: Transaction, userId: string): Promise<EntrySums>;
}

/** What is known of an entry by its id. */
export interface StoredEntry {
  readonly accountId: string;
  readonly kind: EntryKind;
  readonly amount: Money;
  readonly isTaken: boolean;
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
    return [...this.#byUser.values()].filter(({ isChanged }) => isChanged);
  }
}

/** A user's points, as they are shown; exact to two decimals. */
export interface Balance {
  readonly current: number;
  /** All that was ever withdrawn, without what was given back. */
  readonly withdrawn: number;
}

/** A line of a user's list of withdrawals, as it is shown. */
export interface WithdrawalLine {
  readonly order: string;
  /** Points, exact to two decimals. */
  readonly sum: number;
  /** RFC 3339. */
  readonly processed_at: string;
  /** RFC 3339; when the points were given back. */
  readonly reversed_at?: string;
}

/** A line of the history of a user's account, as it is shown. */
export interface EntryLine {
  /** A UUID. */
  readonly id: string;
  readonly kind: EntryKind;
  readonly order?: string;
  /** What it has changed the balance by, exact to two decimals. */
  readonly amount: number;
  readonly balance_after: number;
  /** RFC 3339. */
  readonly at: string;
  /** Why an operator has made it. */
  readonly reason?: string;
}

/** A user's own account as it is shown: read models, written as JSON where the data is. */
export abstract class AccountQueries {
  /**
   * @param at as of then, in milliseconds of Unix time: with the entries of this millisecond.
   * @throws UserMissing; MomentInFuture.
   */
  abstract balance(userId: string, at?: number): Promise<JsonText<Balance>>;

  /**
   * Some withdrawals, newest first: the first ones of the query, or those after an earlier page.
   *
   * @throws UserMissing; UnknownPage; MomentInFuture.
   */
  abstract withdrawalsPage(userId: string, query: ListQuery): Promise<JsonPage<WithdrawalLine>>;

  /** The same of all entries. @throws UserMissing; UnknownPage; MomentInFuture. */
  abstract historyPage(userId: string, query: ListQuery<EntryKind>): Promise<JsonPage<EntryLine>>;

  /** Those of the query, newest first; all if it asks for nothing. @throws UserMissing */
  withdrawals(userId: string, query: ListQuery = {}): Promise<JsonList<WithdrawalLine>> {
    return listOf(query, (page) => this.withdrawalsPage(userId, page));
  }

  /** The same of all entries. @throws UserMissing */
  history(userId: string, query: ListQuery<EntryKind> = {}): Promise<JsonList<EntryLine>> {
    return listOf(query, (page) => this.historyPage(userId, page));
  }
}
