import {
  AccountQueries,
  type Balance,
  type EntryKind,
  type EntryLine,
  type WithdrawalLine,
} from '../../account/index.js';
import type { KnownUsers } from '../../auth/index.js';
import type { JsonPage, JsonText, ListQuery } from '../../kernel/application/json-lists.js';
import { UserMissing } from '../../kernel/domain/domain-error.js';
import {
  type OrderDetail,
  type OrderLine,
  OrderQueries,
  type OrderStatus,
} from '../../orders/index.js';

/*
 * The read model does not know who exists: a user whom it has not heard of has just registered, or
 * is gone. Billing is asked meanwhile, so that a token of a user who is gone is refused here too.
 */

export class OrdersOfKnownUsers extends OrderQueries {
  constructor(
    private readonly orders: OrderQueries,
    private readonly users: KnownUsers,
  ) {
    super();
  }

  page(userId: string, query: ListQuery<OrderStatus>): Promise<JsonPage<OrderLine>> {
    return ofKnown(userId, this.users, this.orders.page(userId, query));
  }

  protected find(userId: string, number: string): Promise<JsonText<OrderDetail>> {
    return ofKnown(userId, this.users, this.orders.detail(userId, number));
  }
}

export class AccountsOfKnownUsers extends AccountQueries {
  constructor(
    private readonly accounts: AccountQueries,
    private readonly users: KnownUsers,
  ) {
    super();
  }

  balance(userId: string, at?: number): Promise<JsonText<Balance>> {
    return ofKnown(userId, this.users, this.accounts.balance(userId, at));
  }

  withdrawalsPage(userId: string, query: ListQuery): Promise<JsonPage<WithdrawalLine>> {
    return ofKnown(userId, this.users, this.accounts.withdrawalsPage(userId, query));
  }

  historyPage(userId: string, query: ListQuery<EntryKind>): Promise<JsonPage<EntryLine>> {
    return ofKnown(userId, this.users, this.accounts.historyPage(userId, query));
  }
}

/** @throws UserMissing */
async function ofKnown<T>(userId: string, users: KnownUsers, reading: Promise<T>): Promise<T> {
  const [isKnown, read] = await Promise.all([users.has(userId), reading]);
  if (!isKnown) throw new UserMissing();
  return read;
}
