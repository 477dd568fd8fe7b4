import { Injectable } from '@nestjs/common';
import type { Caller } from '../../kernel/application/caller.js';
import type { GroupCommit } from '../../kernel/application/group-commit.js';
import { gathered } from '../../platform/rpc/gathered-calls.js';
import { BillingClient } from '../../platform/rpc/rpc-client.js';
import { RpcErrors, type RpcOutcome } from '../../platform/rpc/rpc-errors.js';
import type { LogIn } from '../application/log-in.js';
import { KnownUsers } from '../application/ports.js';
import type { Credentials, RegisterUser } from '../application/register-user.js';

/*
 * What billing does with users, where it is another process. Each password is a call of its own:
 * it takes a hundred times as long, and the callers of a list would wait for the slowest.
 */

type UserOutcomes = { readonly outcomes: readonly RpcOutcome<{ readonly userId: string }>[] };

@Injectable()
export class RemoteRegisterUser implements Pick<RegisterUser, 'execute'> {
  constructor(
    private readonly billing: BillingClient,
    private readonly errors: RpcErrors,
  ) {}

  async execute(id: string, credentials: Credentials, caller: Caller): Promise<string> {
    const { login, password } = credentials;
    const registrations = [{ id, login, password, address: addressOf(caller) }];
    const { outcomes } = await this.billing.call<UserOutcomes>(
      'users.proto/Users',
      'Register',
      { registrations },
      () => !caller.isDisconnected,
    );
    return userOf(outcomes, this.errors);
  }
}

@Injectable()
export class RemoteLogIn implements Pick<LogIn, 'execute'> {
  constructor(
    private readonly billing: BillingClient,
    private readonly errors: RpcErrors,
  ) {}

  async execute({ login, password }: Credentials, caller: Caller): Promise<string> {
    const { outcomes } = await this.billing.call<UserOutcomes>(
      'users.proto/Users',
      'LogIn',
      { attempts: [{ login, password, address: addressOf(caller) }] },
      () => !caller.isDisconnected,
    );
    return userOf(outcomes, this.errors);
  }
}

/** Any address of a network stands for it. */
function addressOf({ address }: Caller): string {
  return address.replace(/\/64$/, '');
}

function userOf([outcome]: UserOutcomes['outcomes'], errors: RpcErrors): string {
  if (!outcome) throw new Error('billing left an attempt unanswered');
  if ('refusal' in outcome) throw errors.errorOf(outcome.refusal);
  return outcome.userId;
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
