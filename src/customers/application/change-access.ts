import { Injectable } from '@nestjs/common';
import {
  type AlongWith,
  BlockUser,
  EndSessions,
  ForgetUser,
  ResetPassword,
  UnblockUser,
} from '../../auth/index.js';
import { OperatorActions } from '../../journal/index.js';

/** Who changes a customer's access, and why. */
export interface AccessChange {
  readonly by: string;
  /** The customer may read it. */
  readonly reason: string | undefined;
  /** For other operators. */
  readonly note: string | undefined;
}

/** Changes who may sign in. The commit that changes something records who wanted it. */
@Injectable()
export class ChangeAccess {
  constructor(
    private readonly actions: OperatorActions,
    private readonly blockUser: BlockUser,
    private readonly unblockUser: UnblockUser,
    private readonly endSessionsOf: EndSessions,
    private readonly resetPasswordOf: ResetPassword,
    private readonly forgetUser: ForgetUser,
  ) {}

  /** @returns false where the customer was blocked already. @throws UnknownUser */
  block(userId: string, change: AccessChange): Promise<boolean> {
    const recorded = this.#recorded('block', userId, change);
    return this.blockUser.execute(userId, change.reason ?? '', recorded);
  }

  /** @returns false where the customer was not blocked. @throws UnknownUser */
  unblock(userId: string, change: AccessChange): Promise<boolean> {
    return this.unblockUser.execute(userId, this.#recorded('unblock', userId, change));
  }

  /** @throws UnknownUser */
  endSessions(userId: string, change: AccessChange): Promise<void> {
    return this.endSessionsOf.execute(userId, this.#recorded('end-sessions', userId, change));
  }

  /** @returns the new password, which nobody can find out again. @throws UnknownUser */
  resetPassword(userId: string, change: AccessChange): Promise<string> {
    return this.resetPasswordOf.execute(userId, this.#recorded('reset-password', userId, change));
  }

  /** @throws UnknownUser, also where the customer was forgotten before. */
  forget(userId: string, change: AccessChange): Promise<void> {
    return this.forgetUser.execute(userId, this.#recorded('forget', userId, change));
  }

  #recorded(action: string, userId: string, { by, reason, note }: AccessChange): AlongWith {
    const why = [reason, note].filter((each) => each !== undefined);
    return (transaction) =>
      this.actions.record(transaction, [
        {
          action: `customer ${action}`,
          by,
          target: userId,
          userId,
          note: why.length > 0 ? why.join('; ') : undefined,
        },
      ]);
  }
}
