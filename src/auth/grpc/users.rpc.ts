import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Caller } from '../../kernel/application/caller.js';
import { RpcErrors, type RpcOutcome } from '../../platform/rpc/rpc-errors.js';
import { outcomesOf, uuidOf } from '../../platform/rpc/rpc-lists.js';
import { type RpcCall, RpcServer } from '../../platform/rpc/rpc-server.js';
import { LogIn } from '../application/log-in.js';
import { KnownUsers } from '../application/ports.js';
import { RegisterUser } from '../application/register-user.js';

// Messages of proto/gophermart/v1/users.proto.

interface AttemptMessage {
  readonly login: string;
  readonly password: string;
  readonly address: string;
}

interface RegistrationMessage extends AttemptMessage {
  readonly id: string;
}

type UserOutcomes = Promise<{ readonly outcomes: RpcOutcome<{ readonly userId: string }>[] }>;

@Injectable()
export class UsersRpc implements OnModuleInit {
  constructor(
    private readonly server: RpcServer,
    private readonly errors: RpcErrors,
    private readonly registerUser: RegisterUser,
    private readonly logIn: LogIn,
    private readonly users: KnownUsers,
  ) {}

  onModuleInit(): void {
    this.server.add('users.proto', 'Users', {
      answers: {
        Register: (request: { registrations: readonly RegistrationMessage[] }, call: RpcCall) =>
          this.#register(request.registrations, call),
        LogIn: (request: { attempts: readonly AttemptMessage[] }, call: RpcCall) =>
          this.#logIn(request.attempts, call),
        KnowUsers: async ({ userIds }: { userIds: readonly string[] }) => ({
          known: await Promise.all(userIds.map((id) => this.users.has(uuidOf('user_ids', id)))),
        }),
      },
    });
  }

  async #register(registrations: readonly RegistrationMessage[], call: RpcCall): UserOutcomes {
    const outcomes = await outcomesOf(registrations, this.errors, async (registration) => {
      const id = uuidOf('id', registration.id);
      return {
        userId: await this.registerUser.execute(id, registration, callerOf(registration, call)),
      };
    });
    return { outcomes };
  }

  async #logIn(attempts: readonly AttemptMessage[], call: RpcCall): UserOutcomes {
    const outcomes = await outcomesOf(attempts, this.errors, async (attempt) => ({
      userId: await this.logIn.execute(attempt, callerOf(attempt, call)),
    }));
    return { outcomes };
  }
}

function callerOf({ address }: AttemptMessage, call: RpcCall): Caller {
  return {
    address,
    get isDisconnected() {
      return call.isCancelled;
    },
  };
}
