import { Injectable } from '@nestjs/common';
import type { Caller } from '../../kernel/application/caller.js';
import { WrongCredentials } from '../domain/errors.js';
import { Login, Password } from '../domain/credentials.js';
import type { SignedIn } from '../domain/session.js';
import { LoginAttempts, PasswordHasher, UserRepository } from './ports.js';
import type { Credentials } from './register-user.js';

@Injectable()
export class LogIn {
  constructor(
    private readonly users: UserRepository,
    private readonly hasher: PasswordHasher,
    private readonly attempts: LoginAttempts,
  ) {}

  /**
   * Finds out who signs in.
   *
   * @returns the user, and the generation that went with the password: where it was changed
   * meanwhile, the session is over before it begins.
   * @throws LoginUnacceptable, PasswordUnacceptable, WrongCredentials, TooManyLoginAttempts,
   * HashingOverloaded, ClientDisconnected.
   */
  async execute(credentials: Credentials, caller: Caller): Promise<SignedIn> {
    const login = Login.parse(credentials.login);
    const password = Password.parse(credentials.password);
    return this.attempts.make(login, caller.address, () => this.#signIn(login, password, caller));
  }

  /**
   * An unknown login is verified like any other, against no hash: the time of the reply must not
   * tell which logins exist, or are blocked.
   */
  async #signIn(login: Login, password: Password, caller: Caller): Promise<SignedIn> {
    const user = await this.users.byLogin(login);
    const right = await this.hasher.verify(password, user?.passwordHash, caller);
    if (!user || !right || user.isBlocked) throw new WrongCredentials();
    return { userId: user.id, generation: user.generation };
  }
}
