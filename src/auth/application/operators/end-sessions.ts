import { Injectable } from '@nestjs/common';
import { type Caller, SOCKETS } from '../../../kernel/application/caller.js';
import { type Transaction, UnitOfWork } from '../../../kernel/application/unit-of-work.js';
import { AuthSettings } from '../../auth.settings.js';
import { Password } from '../../domain/credentials.js';
import { UnknownUser } from '../../domain/errors.js';
import { PasswordHasher, UserAccess, UserRepository } from '../ports.js';

/**
 * What else goes into the transaction that changes something, such as a record of who wanted it.
 * It is not called where nothing changes.
 */
export type AlongWith = (transaction: Transaction) => void;

/** Ends all sessions of a user, who may sign in again. */
@Injectable()
export class EndSessions {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UserRepository,
    private readonly access: UserAccess,
  ) {}

  /** @throws UnknownUser */
  async execute(userId: string, alongWith: AlongWith): Promise<void> {
    let ended: number | undefined;
    await this.unitOfWork.run(async (transaction) => {
      for (;;) {
        const user = await this.users.byId(userId, transaction);
        if (!user) throw new UnknownUser();
        const { generation } = user;
        // An earlier try has ended them: the answer to its COMMIT was lost.
        if (ended !== undefined && generation > ended) return;
        if (await this.access.endSessions(transaction, userId, generation)) {
          ended = generation;
          alongWith(transaction);
          return;
        }
        // A change of the password came first: the session that it has begun is to end, too.
      }
    });
  }
}

/** Ends the sessions of all users: a database that was restored does not know which had ended. */
@Injectable()
export class EndAllSessions {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly access: UserAccess,
  ) {}

  async execute(alongWith: AlongWith): Promise<void> {
    let last: string | undefined;
    do {
      const before = last;
      last = await this.unitOfWork.run(async (transaction) => {
        const reached = await this.access.endSessionsAfter(transaction, before);
        if (reached === undefined) alongWith(transaction);
        return reached;
      });
    } while (last !== undefined);
  }
}

/** Nobody else waits for a hash in an operator's process. */
const OPERATOR: Caller = { address: 'operator', isDisconnected: false, presence: SOCKETS };

/** Gives a user a new password, and ends all their sessions. */
@Injectable()
export class ResetPassword {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly access: UserAccess,
    private readonly hasher: PasswordHasher,
    private readonly settings: AuthSettings,
  ) {}

  /** @returns the new password, which nobody can find out again. @throws UnknownUser */
  async execute(userId: string, alongWith: AlongWith): Promise<string> {
    const password = this.hasher.invent(this.settings.passwordMinLength);
    const hash = await this.hasher.hash(Password.parse(password), OPERATOR);
    await this.unitOfWork.run(async (transaction) => {
      const stored = await this.access.changePassword(transaction, { userId, hash });
      if (!stored) throw new UnknownUser();
      if (stored.isNew) alongWith(transaction);
    });
    return password;
  }
}
