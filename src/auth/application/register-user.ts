import { Injectable } from '@nestjs/common';
import type { Caller } from '../../kernel/application/caller.js';
import { DomainEvents } from '../../kernel/application/domain-events.js';
import { type Transaction, UnitOfWork } from '../../kernel/application/unit-of-work.js';
import { AuthSettings } from '../auth.settings.js';
import { LoginTaken } from '../domain/errors.js';
import { Login, Password } from '../domain/credentials.js';
import type { SignedIn } from '../domain/session.js';
import { User, UserRegistered } from '../domain/user.js';
import { PasswordHasher, UserRepository } from './ports.js';

export interface Credentials {
  readonly login: string;
  readonly password: string;
}

@Injectable()
export class RegisterUser {
  constructor(
    private readonly users: UserRepository,
    private readonly hasher: PasswordHasher,
    private readonly unitOfWork: UnitOfWork,
    private readonly events: DomainEvents,
    private readonly settings: AuthSettings,
  ) {}

  /**
   * Opens an account.
   *
   * @param id of the new user, made once by who asks: a repeated call finds what it has stored.
   * @returns that id, and the generation of the user's sessions.
   * @throws LoginUnacceptable, PasswordUnacceptable, LoginTaken, HashingOverloaded,
   * ClientDisconnected.
   */
  async execute(id: string, credentials: Credentials, caller: Caller): Promise<SignedIn> {
    const login = Login.parse(credentials.login);
    const password = Password.parse(credentials.password);
    password.assertLength(this.settings.passwordMinLength);
    // Asked first because a hash costs 20 ms of a core; the unique key decides who wins a race.
    const owner = await this.users.byLogin(login);
    // Of the sessions that began then: others may have ended them meanwhile.
    if (owner?.id === id) return { userId: id, generation: 0 };
    if (owner) throw new LoginTaken();
    const hash = await this.hasher.hash(password, caller);
    const user = User.register(id, login, hash);
    await this.unitOfWork.run((transaction) => this.#store(transaction, user, login));
    return { userId: user.id, generation: user.generation };
  }

  async #store(transaction: Transaction, user: User, login: Login): Promise<void> {
    if (await this.users.add(transaction, user)) {
      await this.events.publish(transaction, UserRegistered, [new UserRegistered(user.id)]);
      return;
    }
    // After a connection lost at COMMIT the work runs again. A user with this id is the one that
    // the earlier try has stored.
    const owner = await this.users.byLogin(login, transaction);
    if (owner?.id !== user.id) throw new LoginTaken();
  }
}
