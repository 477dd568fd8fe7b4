import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../kernel/application/unit-of-work.js';
import { pgOf } from '../../platform/postgres/pg-transaction.js';
import { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';
import { UserRepository } from '../application/ports.js';
import type { Login } from '../domain/credentials.js';
import { User, type UserState } from '../domain/user.js';

const SELECT_USERS = 'SELECT id, login, password_hash AS "passwordHash" FROM gophermart.users';

@Injectable()
export class SqlUserRepository extends UserRepository {
  constructor(private readonly database: PgUnitOfWork) {
    super();
  }

  /**
   * Waits for a transaction that is storing the same login right now, and loses to it if it
   * commits.
   */
  async add(transaction: Transaction, user: User): Promise<boolean> {
    const { id, login, passwordHash } = user.snapshot();
    const { rowCount } = await pgOf(transaction).query(
      `INSERT INTO gophermart.users (id, login, password_hash, registered_at)
       VALUES ($1, $2, $3, clock_timestamp())
       ON CONFLICT DO NOTHING`,
      [id, login, passwordHash],
    );
    return rowCount === 1;
  }

  async byLogin(login: Login, transaction?: Transaction): Promise<User | undefined> {
    const { rows } = await (transaction ? pgOf(transaction) : this.database).query<UserState>(
      `${SELECT_USERS} WHERE login IN ($1, $2) ORDER BY login = $1 DESC LIMIT 1`,
      [login.typed, login.value],
    );
    const [state] = rows;
    return state && User.restore(state);
  }

  async notNormalized(limit: number): Promise<readonly User[]> {
    const { rows } = await this.database.query<UserState>(
      `${SELECT_USERS} WHERE login IS NOT NFC NORMALIZED ORDER BY login LIMIT $1`,
      [limit],
    );
    return rows.map((state) => User.restore(state));
  }
}
