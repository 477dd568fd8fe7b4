import { Injectable } from '@nestjs/common';
import type { Caller } from '../../kernel/application/caller.js';
import { UnitOfWork } from '../../kernel/application/unit-of-work.js';
import { UserMissing } from '../../kernel/domain/domain-error.js';
import { AuthSettings } from '../auth.settings.js';
import { Login, Password } from '../domain/credentials.js';
import { WrongCredentials } from '../domain/errors.js';
import type { SignedIn } from '../domain/session.js';
import type { User } from '../domain/user.js';
import { LoginAttempts, PasswordHasher, UserAccess, UserRepository } from './ports.js';

export interface PasswordChange {
  readonly current: string;
  readonly new: string;
}

/** A user changes the password, and all sessions end. */
@Injectable()
export class ChangePassword {
  constructor(
    private readonly users: UserRepository,
    private readonly access: UserAccess,
    private readonly hasher: PasswordHasher,
    private readonly attempts: LoginAttempts,
    private readonly unitOfWork: UnitOfWork,
    private readonly settings: AuthSettings,
  ) {}

  /**
   * @param session that asks for it. It may be repeated: a call whose answer was lost finds the
   * higher generation, and the new password in force.
   * @returns the user with the generation of the sessions that begin now.
   * @throws PasswordUnacceptable; UserMissing where the session has ended; WrongCredentials, which
   * counts as a failed log-in; TooManyLoginAttempts, HashingOverloaded, ClientDisconnected.
   */
  async execute(session: SignedIn, change: PasswordChange, caller: Caller): Promise<SignedIn> {
    const next = Password.parse(change.new);
    next.assertLength(this.settings.passwordMinLength);
    const current = Password.parse(change.current);
    const user = await this.users.byId(session.userId);
    if (!user || user.isBlocked) throw new UserMissing();
    if (user.generation > session.generation) {
      if (!(await this.#isMade(user, { current, next }, caller))) throw new UserMissing();
      return { userId: user.id, generation: user.generation };
    }
    if (user.generation !== session.generation) throw new UserMissing();
    await this.#attempt(user, caller, async (isRight) => {
      if (!(await isRight(current))) throw new WrongCredentials();
    });
    const hash = await this.hasher.hash(next, caller);
    const changed = { userId: user.id, hash, generation: user.generation };
    const stored = await this.unitOfWork.run((transaction) =>
      this.access.changePassword(transaction, changed),
    );
    if (!stored) throw new UserMissing();
    return { userId: user.id, generation: stored.generation };
  }

  /**
   * Whether this very call has ended the session before. Where it has ended otherwise the current
   * password may well be right; a guess counts.
   */
  async #isMade(
    user: User,
    { current, next }: { readonly current: Password; readonly next: Password },
    caller: Caller,
  ): Promise<boolean> {
    try {
      return await this.#attempt(user, caller, async (isRight) => {
        if (await isRight(next)) return true;
        if (await isRight(current)) return false;
        throw new WrongCredentials();
      });
    } catch (error) {
      if (error instanceof WrongCredentials) return false;
      throw error;
    }
  }

  /** Counts as a log-in does, so that nobody guesses here what they may not guess there. */
  #attempt<T>(
    user: User,
    caller: Caller,
    attempt: (isRight: (password: Password) => Promise<boolean>) => Promise<T>,
  ): Promise<T> {
    const login = Login.parse(user.snapshot().login);
    return this.attempts.make(login, caller.address, () =>
      attempt((password) => this.hasher.verify(password, user.passwordHash, caller)),
    );
  }
}
