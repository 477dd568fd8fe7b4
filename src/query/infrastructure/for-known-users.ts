import { AccountQueries, type Balance, type WithdrawalLine } from '../../account/index.js';
import type { KnownUsers } from '../../auth/index.js';
import type { JsonList, JsonText } from '../../kernel/application/ports.js';
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

  list(userId: string): Promise<JsonList<OrderLine>> {
    return ofKnown(userId, this.users, this.orders.list(userId));
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

  withdrawals(userId: string): Promise<JsonList<WithdrawalLine>> {
    return ofKnown(userId, this.users, this.accounts.withdrawals(userId));
  }
}

/** @throws UserMissing */
async function ofKnown<T>(userId: string, users: KnownUsers, reading: Promise<T>): Promise<T> {
  const [isKnown, read] = await Promise.all([users.has(userId), reading]);
  if (!isKnown) throw new UserMissing();
  return read;
}
