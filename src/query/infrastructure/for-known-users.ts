import { AccountQueries, type Balance, type WithdrawalLine } from '../../account/index.js';
import type { KnownUsers } from '../../auth/index.js';
import type { JsonPage, JsonText } from '../../kernel/application/ports.js';
import { UserMissing } from '../../kernel/domain/domain-error.js';
import { type OrderLine, OrderQueries } from '../../orders/index.js';

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

  page(userId: string, after?: string): Promise<JsonPage<OrderLine>> {
    return ofKnown(userId, this.users, this.orders.page(userId, after));
  }
}

export class AccountsOfKnownUsers extends AccountQueries {
  constructor(
    private readonly accounts: AccountQueries,
    private readonly users: KnownUsers,
  ) {
    super();
  }

  balance(userId: string): Promise<JsonText<Balance>> {
    return ofKnown(userId, this.users, this.accounts.balance(userId));
  }

  withdrawalsPage(userId: string, after?: string): Promise<JsonPage<WithdrawalLine>> {
    return ofKnown(userId, this.users, this.accounts.withdrawalsPage(userId, after));
  }
}

/** @throws UserMissing */
async function ofKnown<T>(userId: string, users: KnownUsers, reading: Promise<T>): Promise<T> {
  const [isKnown, read] = await Promise.all([users.has(userId), reading]);
  if (!isKnown) throw new UserMissing();
  return read;
}
