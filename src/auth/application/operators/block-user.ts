import { Injectable } from '@nestjs/common';
import { DomainEvents } from '../../../kernel/application/domain-events.js';
import { type Transaction, UnitOfWork } from '../../../kernel/application/unit-of-work.js';
import { UnknownUser } from '../../domain/errors.js';
import { SpendingBlocked, SpendingUnblocked } from '../../domain/user.js';
import { UserAccess, UserRepository } from '../ports.js';
import type { AlongWith } from './end-sessions.js';

/** Keeps a user out: sessions end, log-ins and withdrawals are refused; points are still earned. */
@Injectable()
export class BlockUser {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly events: DomainEvents,
    private readonly users: UserRepository,
    private readonly access: UserAccess,
  ) {}

  /** @returns false where the user was blocked already. @throws UnknownUser */
  async execute(userId: string, reason: string, alongWith: AlongWith): Promise<boolean> {
    // Where the work is done again after a lost COMMIT, it has been done already.
    let isNew = false;
    await this.unitOfWork.run(async (transaction) => {
      await this.events.publish(transaction, SpendingBlocked, [new SpendingBlocked(userId)]);
      if (await this.access.block(transaction, userId, reason)) {
        isNew = true;
        alongWith(transaction);
      } else if (!isNew) await assertKnown(this.users, transaction, userId);
    });
    return isNew;
  }
}

/** Lets a user in again who was blocked. */
@Injectable()
export class UnblockUser {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly events: DomainEvents,
    private readonly users: UserRepository,
    private readonly access: UserAccess,
  ) {}

  /** @returns false where the user was not blocked. @throws UnknownUser */
  async execute(userId: string, alongWith: AlongWith): Promise<boolean> {
    let isNew = false;
    await this.unitOfWork.run(async (transaction) => {
      await this.events.publish(transaction, SpendingUnblocked, [new SpendingUnblocked(userId)]);
      if (await this.access.unblock(transaction, userId)) {
        isNew = true;
        alongWith(transaction);
      } else if (!isNew) await assertKnown(this.users, transaction, userId);
    });
    return isNew;
  }
}

/** What was done to the account is rolled back with it. @throws UnknownUser */
async function assertKnown(
  users: UserRepository,
  transaction: Transaction,
  userId: string,
): Promise<void> {
  if (!(await users.byId(userId, transaction))) throw new UnknownUser();
}
