import { Injectable } from '@nestjs/common';
import { UnknownUser } from '../../auth/index.js';
import type { ExitCode, Print } from '../../platform/cli/command-line.js';
import { type AccessChange, ChangeAccess } from '../application/change-access.js';
import type { CustomerName } from '../application/ports.js';
import { missing, NamedCustomers } from './named-customers.js';

/** Whose access an operator changes, and how it is said. */
export interface AccessRequest extends AccessChange {
  readonly name: CustomerName;
  readonly json: boolean;
}

/** What was done to a customer, as it is said. */
interface Done {
  readonly isNew: boolean;
  readonly sentence: string;
  /** For programs, beside the customer's id. */
  readonly more?: object;
}

/** Does what `npm run customer` was told to do to somebody's access, and says what it did. */
@Injectable()
export class AccessRunner {
  constructor(
    private readonly customers: NamedCustomers,
    private readonly access: ChangeAccess,
  ) {}

  block(change: AccessRequest, print: Print): Promise<ExitCode> {
    return this.#do(change, print, async (userId) => {
      const isNew = await this.access.block(userId, change);
      return { isNew, sentence: isNew ? 'blocked, all sessions have ended' : 'was blocked before' };
    });
  }

  unblock(change: AccessRequest, print: Print): Promise<ExitCode> {
    return this.#do(change, print, async (userId) => {
      const isNew = await this.access.unblock(userId, change);
      return { isNew, sentence: isNew ? 'may sign in again' : 'is not blocked' };
    });
  }

  endSessions(change: AccessRequest, print: Print): Promise<ExitCode> {
    return this.#do(change, print, async (userId) => {
      await this.access.endSessions(userId, change);
      return { isNew: true, sentence: 'all sessions have ended' };
    });
  }

  resetPassword(change: AccessRequest, print: Print): Promise<ExitCode> {
    return this.#do(change, print, async (userId) => {
      const password = await this.access.resetPassword(userId, change);
      const sentence = `all sessions have ended; the new password, shown this once: ${password}`;
      return { isNew: true, sentence, more: { password } };
    });
  }

  forget(change: AccessRequest, print: Print): Promise<ExitCode> {
    return this.#do(change, print, async (userId) => {
      await this.access.forget(userId, change);
      return { isNew: true, sentence: 'forgotten: the login is free, orders and points stay' };
    });
  }

  #do(
    { name, by, json }: AccessRequest,
    print: Print,
    work: (userId: string) => Promise<Done>,
  ): Promise<ExitCode> {
    return this.customers.of(name, print, async (userId) => {
      try {
        const { isNew, sentence, more } = await work(userId);
        if (json) print(JSON.stringify({ id: userId, changed: isNew, ...more }));
        else print(`${userId}: ${sentence}${isNew ? `, by ${by}` : ''}`);
        return 0;
      } catch (error) {
        if (!(error instanceof UnknownUser)) throw error;
        return missing({ id: userId }, print);
      }
    });
  }
}
