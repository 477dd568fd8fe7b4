import { Injectable } from '@nestjs/common';
import pLimit from 'p-limit';
import type { GroupCommit } from '../../kernel/application/batches/group-commit.js';
import { type Caller, throwIfDisconnected } from '../../kernel/application/caller.js';
import { gathered } from '../../platform/grpc/gathered-calls.js';
import { BillingClient } from '../../platform/grpc/rpc-client.js';
import { RpcErrors, type RpcOutcome } from '../../platform/grpc/rpc-errors.js';
import { outcomesFrom } from '../../platform/grpc/rpc-lists.js';
import type { LogIn } from '../application/log-in.js';
import { HashingOverloaded } from '../domain/errors.js';
import { KnownUsers } from '../application/ports.js';
import type { ChangePassword, PasswordChange } from '../application/change-password.js';
import type { Credentials, RegisterUser } from '../application/register-user.js';
import type { SignedIn } from '../domain/session.js';

/*
 * What billing does with users, where it is another process. Each password is a call of its own:
 * it takes a hundred times as long, and the callers of a batch would wait for the slowest.
 */

/** Calls with passwords at once: a storm of them must leave the connection room for all others. */
const MAX_CALLS = 300;

/** More than so many that wait for a call are refused; billing refuses most of a storm quickly. */
const MAX_WAITING = 5_000;

/** Makes the calls with passwords, so many at once. */
@Injectable()
export class PasswordCalls {
  readonly #limit = pLimit(MAX_CALLS);

  constructor(
    private readonly billing: BillingClient,
    private readonly errors: RpcErrors,
  ) {}

  /** @throws HashingOverloaded, ClientDisconnected; what billing says. */
  make(
    method: 'Register' | 'LogIn' | 'ChangePassword',
    request: object,
    caller: Caller,
  ): Promise<SignedIn> {
    if (this.#limit.pendingCount >= MAX_WAITING) throw new HashingOverloaded();
    return this.#limit(async () => {
      throwIfDisconnected(caller);
      const isAwaited = (): boolean => !caller.isDisconnected;
      const { outcomes } = await this.billing.call<UserOutcomes>(
        'users.proto/Users',
        method,
        request,
        isAwaited,
      );
      const [outcome] = outcomesFrom<'userId', string, SignedIn>(
        outcomes,
        this.errors,
        'userId',
        (userId, place) => ({ userId, generation: outcomes[place]?.generation ?? 0 }),
      );
      if (!outcome) throw new Error('billing left an attempt unanswered');
      if ('broken' in outcome) throw outcome.broken;
      return outcome.value;
    });
  }
}

interface UserOutcomes {
  readonly outcomes: readonly (RpcOutcome<{ readonly userId: string }> & {
    /** It stands beside what is one or the other. */
    readonly generation: number;
  })[];
}

@Injectable()
export class RemoteRegisterUser implements Pick<RegisterUser, 'execute'> {
  constructor(private readonly calls: PasswordCalls) {}

  async execute(id: string, { login, password }: Credentials, caller: Caller): Promise<SignedIn> {
    const registrations = [{ id, login, password, address: addressOf(caller) }];
    return this.calls.make('Register', { registrations }, caller);
  }
}

@Injectable()
export class RemoteLogIn implements Pick<LogIn, 'execute'> {
  constructor(private readonly calls: PasswordCalls) {}

  async execute({ login, password }: Credentials, caller: Caller): Promise<SignedIn> {
    const attempts = [{ login, password, address: addressOf(caller) }];
    return this.calls.make('LogIn', { attempts }, caller);
  }
}

@Injectable()
export class RemoteChangePassword implements Pick<ChangePassword, 'execute'> {
  constructor(private readonly calls: PasswordCalls) {}

  async execute(session: SignedIn, change: PasswordChange, caller: Caller): Promise<SignedIn> {
    const { userId, generation } = session;
    const changes = [
      { userId, generation, current: change.current, new: change.new, address: addressOf(caller) },
    ];
    return this.calls.make('ChangePassword', { changes }, caller);
  }
}

/** Any address of a network stands for it. */
function addressOf({ address }: Caller): string {
  return address.replace(/\/64$/, '');
}

@Injectable()
export class RemoteKnownUsers extends KnownUsers {
  readonly #users: GroupCommit<string, boolean>;

  constructor(billing: BillingClient) {
    super();
    this.#users = gathered(async (userIds) => {
      const { states } = await billing.call<{ states: readonly { known: boolean }[] }>(
        'users.proto/Users',
        'KnowUsers',
        { userIds },
      );
      return states.map(({ known }) => ({ value: known }));
    });
  }

  has(userId: string): Promise<boolean> {
    return this.#users.submit(userId);
  }
}
