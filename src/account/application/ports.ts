import type { Transaction } from '../../kernel/application/unit-of-work.js';
import { UserMissing } from '../../kernel/domain/domain-error.js';
import type { OrderNumber } from '../../kernel/domain/order-number.js';
import type { Account } from '../domain/account.js';
import type { Payments } from '../domain/payments.js';

/** Where accounts and their ledger are kept. */
export abstract class AccountRepository {
  /** Opens an empty account for each user that has none. */
  abstract open(transaction: Transaction, userIds: readonly string[]): Promise<void>;

  /** Locks the users' accounts until the end of the transaction, in the order of their ids. */
  abstract lock(transaction: Transaction, userIds: readonly string[]): Promise<Accounts>;

  /**
   * What was already paid for these orders, by anybody. Ask behind `lock`, at once or later: what
   * the lock waited for is then visible.
   */
  abstract payments(
    transaction: Transaction,
    orderNumbers: readonly OrderNumber[],
  ): Promise<Payments>;

  /**
   * Has balances and new ledger entries stored with the transaction, which fails with StaleState
   * where the ledger holds an entry for one of the orders by now.
   */
  abstract save(transaction: Transaction, accounts: Accounts): Promise<void>;
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

/**
 * What a user may see of the own account: read models, as JSON built where the data is; undefined
 * where there is no such user.
 */
export abstract class Statements {
  /** `{"current","withdrawn"}`. */
  abstract balance(userId: string): Promise<string | null | undefined>;

  /** `[{"order","sum","processed_at"}]`, newest first; null where there are none. */
  abstract withdrawals(userId: string): Promise<string | null | undefined>;
}
