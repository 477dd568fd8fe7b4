import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type Caller, SOCKETS } from '../../kernel/application/caller.js';
import { clientAddress } from '../../platform/http/client/client-address.js';
import { RpcErrors, type RpcOutcome } from '../../platform/rpc/rpc-errors.js';
import {
  assertCount,
  assertOneOfEach,
  idOf,
  MalformedCall,
  outcomesOf,
  uuidOf,
} from '../../platform/rpc/rpc-lists.js';
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
    this.server.add('users.proto/Users', {
      answers: {
        Register: (request: { registrations: readonly RegistrationMessage[] }, call: RpcCall) =>
          this.#register(request.registrations, call),
        LogIn: (request: { attempts: readonly AttemptMessage[] }, call: RpcCall) =>
          this.#logIn(request.attempts, call),
        KnowUsers: ({ userIds }: { userIds: readonly string[] }) => this.#know(userIds),
      },
    });
  }

  async #register(registrations: readonly RegistrationMessage[], call: RpcCall): UserOutcomes {
    assertOneOfEach(registrations.map(({ id }) => id));
    const outcomes = await outcomesOf(registrations, this.errors, async (registration) => {
      assertReadable(registration);
      const id = idOf(registration.id);
      return {
        userId: await this.registerUser.execute(id, registration, callerOf(registration, call)),
      };
    });
    return { outcomes };
  }

  async #know(userIds: readonly string[]): Promise<{ states: { known: boolean }[] }> {
    assertCount(userIds);
    const ids = userIds.map((id) => uuidOf('user_ids', id));
    const known = await Promise.all(ids.map((id) => this.users.has(id)));
    return { states: known.map((each) => ({ known: each })) };
  }

  async #logIn(attempts: readonly AttemptMessage[], call: RpcCall): UserOutcomes {
    const outcomes = await outcomesOf(attempts, this.errors, async (attempt) => {
      assertReadable(attempt);
      return { userId: await this.logIn.execute(attempt, callerOf(attempt, call)) };
    });
    return { outcomes };
  }
}

/** Bytes that are no UTF-8 have become U+FFFD, and many logins one. @throws MalformedCall */
function assertReadable({ login, password }: AttemptMessage): void {
  if (login.includes('\ufffd') || password.includes('\ufffd'))
    throw new MalformedCall('login and password must be UTF-8');
}

function callerOf({ address }: AttemptMessage, call: RpcCall): Caller {
  return {
    address: clientAddress({ ip: address, socket: {} }),
    get isDisconnected() {
      return call.isCancelled;
    },
    presence: SOCKETS,
  };
}
