import { Injectable } from '@nestjs/common';
import { TypeOrmUnitOfWork } from '../../shared/infrastructure/typeorm-unit-of-work.js';
import { UserRepository } from '../application/ports/user-repository.js';
import type { Login } from '../domain/login.js';
import { User, type UserState } from '../domain/user.js';

@Injectable()
export class TypeOrmUserRepository extends UserRepository {
  constructor(private readonly unitOfWork: TypeOrmUnitOfWork) {
    super();
  }

  /** Waits for a transaction that is storing the same login right now, and loses to it if it commits. */
  async add(user: User): Promise<boolean> {
    const { id, login, passwordHash, registeredAt } = user.snapshot();
    const { affected } = await this.unitOfWork.query(
      `INSERT INTO gophermart.users (id, login, password_hash, registered_at)
       VALUES ($1, $2, $3, $4)
       ON CONFLICT DO NOTHING`,
      [id, login, passwordHash, registeredAt],
    );
    return affected === 1;
  }

  async byLogin(login: Login): Promise<User | undefined> {
    const { records } = await this.unitOfWork.query(
      `SELECT id, login, password_hash AS "passwordHash", registered_at AS "registeredAt"
       FROM gophermart.users
       WHERE login = $1`,
      [login.value],
    );
    const [state] = records as UserState[];
    return state && User.restore(state);
  }
}
