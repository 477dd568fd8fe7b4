import { Injectable } from '@nestjs/common';
import { DomainEvents } from '../../../kernel/application/domain-events.js';
import { UnitOfWork } from '../../../kernel/application/unit-of-work.js';
import { UnknownUser } from '../../domain/errors.js';
import { SpendingBlocked } from '../../domain/user.js';
import { UserAccess } from '../ports.js';
import type { AlongWith } from './end-sessions.js';

/**
 * Erases the person and keeps the books: login and password go, and the login is anybody's. What
 * the user owned stays with the user's id.
 */
@Injectable()
export class ForgetUser {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly events: DomainEvents,
    private readonly access: UserAccess,
  ) {}

  /** @throws UnknownUser, also where the user was forgotten before. */
  async execute(userId: string, alongWith: AlongWith): Promise<void> {
    // Where the work is done again after a lost COMMIT, it has been done already.
    let isDone = false;
    await this.unitOfWork.run(async (transaction) => {
      await this.events.publish(transaction, SpendingBlocked, [new SpendingBlocked(userId)]);
      if (await this.access.forget(transaction, userId)) {
        isDone = true;
        alongWith(transaction);
      } else if (!isDone) throw new UnknownUser();
    });
  }
}
