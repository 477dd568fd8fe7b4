import type { Transaction } from '../../../shared/application/transaction.js';
import type { Login } from '../../domain/login.js';
import type { User } from '../../domain/user.js';

export abstract class UserRepository {
  /**
   * Stores a new user. @returns false where the login, or this very user, is stored already;
   * nothing has changed then.
   */
  abstract add(transaction: Transaction, user: User): Promise<boolean>;

  abstract byLogin(login: Login, transaction?: Transaction): Promise<User | undefined>;
}
