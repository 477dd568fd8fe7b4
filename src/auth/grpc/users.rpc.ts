import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type Caller, SOCKETS } from '../../kernel/application/caller.js';
import { clientAddress } from '../../platform/http/client/client-address.js';
import { RpcErrors, type RpcOutcome } from '../../platform/grpc/rpc-errors.js';
import {
  assertCount,
  assertOneOfEach,
  idOf,
  MalformedCall,
  outcomesOf,
  uuidOf,
} from '../../platform/grpc/rpc-lists.js';
import { type RpcCall, RpcServer } from '../../platform/grpc/rpc-server.js';
import { ChangePassword } from '../application/change-password.js';
import { LogIn } from '../application/log-in.js';
import { LogOutCommits } from '../application/log-out.js';
import { KnownUsers, SessionEnds } from '../application/ports.js';
import { RegisterUser } from '../application/register-user.js';
import type { SessionEnd, SignedIn } from '../domain/session.js';

// Messages of proto/gophermart/v1/users.proto.

interface AttemptMessage {
  readonly login: string;
  readonly password: string;
  readonly address: string;
}

interface RegistrationMessage extends AttemptMessage {
  readonly id: string;
}

type UserOutcomes = Promise<{ readonly outcomes: RpcOutcome<SignedIn>[] }>;

export interface PasswordChangeMessage {
  readonly userId: string;
  readonly generation: number;
  readonly current: string;
  readonly new: string;
  readonly address: string;
}

export interface EndedTokenMessage {
  readonly userId: string;
  readonly tokenSha256: Buffer;
  /** Of 64 bits, so a text where it is received. */
  readonly expiresAt: number | string;
}

export interface EndedSessionMessage {
  readonly userId: string;
  readonly generation?: number;
  readonly tokenSha256?: Buffer;
}

export interface EndedSessionsRequest {
  readonly mark: string;
  readonly maxAgeSeconds: number;
}

export interface EndedSessionsReply {
  readonly ended: readonly EndedSessionMessage[];
  readonly mark: string;
  readonly hasMore: boolean;
  readonly isUnknown: boolean;
}

const SHA256_BYTES = 32;
/** The year 9999, in seconds since 1970. */
const LAST_SECOND = 253_402_300_799;

@Injectable()
export class UsersRpc implements OnModuleInit {
  constructor(
    private readonly server: RpcServer,
    private readonly errors: RpcErrors,
    private readonly registerUser: RegisterUser,
    private readonly logIn: LogIn,
    private readonly logOuts: LogOutCommits,
    private readonly changePassword: ChangePassword,
    private readonly users: KnownUsers,
    private readonly ends: SessionEnds,
  ) {}

  onModuleInit(): void {
    this.server.add('users.proto/Users', {
      Register: (request: { registrations: readonly RegistrationMessage[] }, call: RpcCall) =>
        this.#register(request.registrations, call),
      LogIn: (request: { attempts: readonly AttemptMessage[] }, call: RpcCall) =>
        this.#logIn(request.attempts, call),
      LogOut: ({ tokens }: { tokens: readonly EndedTokenMessage[] }) => this.#logOut(tokens),
      ChangePassword: (request: { changes: readonly PasswordChangeMessage[] }, call: RpcCall) =>
        this.#changePassword(request.changes, call),
      ListEndedSessions: (request: EndedSessionsRequest) => this.#ended(request),
      KnowUsers: ({ userIds }: { userIds: readonly string[] }) => this.#know(userIds),
    });
  }

  async #register(registrations: readonly RegistrationMessage[], call: RpcCall): UserOutcomes {
    assertOneOfEach(registrations.map(({ id }) => id));
    const outcomes = await outcomesOf(registrations, this.errors, async (registration) => {
      assertReadable(registration);
      const id = idOf(registration.id);
      return this.registerUser.execute(id, registration, callerOf(registration, call));
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
      return this.logIn.execute(attempt, callerOf(attempt, call));
    });
    return { outcomes };
  }

  async #logOut(
    tokens: readonly EndedTokenMessage[],
  ): Promise<{ outcomes: RpcOutcome<{ loggedOut: object }>[] }> {
    const outcomes = await outcomesOf(tokens, this.errors, async (token) => {
      const expiresAt = Number(token.expiresAt);
      if (token.tokenSha256.length !== SHA256_BYTES)
        throw new MalformedCall(`token_sha256 must have ${SHA256_BYTES} bytes`);
      if (expiresAt < 0 || expiresAt > LAST_SECOND)
        throw new MalformedCall('expires_at must be in seconds since 1970');
      const userId = uuidOf('user_id', token.userId);
      const tokenHash = token.tokenSha256.toString('base64');
      const goodUntil = expiresAt;
      await this.logOuts.submit({ userId, tokenHash, expiresAt, goodUntil, generation: 0 });
      return { loggedOut: {} };
    });
    return { outcomes };
  }

  async #changePassword(changes: readonly PasswordChangeMessage[], call: RpcCall): UserOutcomes {
    const outcomes = await outcomesOf(changes, this.errors, async (change) => {
      assertReadable(change);
      const session = { userId: uuidOf('user_id', change.userId), generation: change.generation };
      return this.changePassword.execute(session, change, callerOf(change, call));
    });
    return { outcomes };
  }

  async #ended({ mark, maxAgeSeconds }: EndedSessionsRequest): Promise<EndedSessionsReply> {
    const page = await this.ends.after(mark === '' ? undefined : mark, maxAgeSeconds);
    if (!page) return { ended: [], mark: '', hasMore: false, isUnknown: true };
    return {
      ended: page.ends.map(messageOf),
      mark: page.mark ?? '',
      hasMore: !page.isLast,
      isUnknown: false,
    };
  }
}

function messageOf(end: SessionEnd): EndedSessionMessage {
  return 'tokenHash' in end
    ? { userId: end.userId, tokenSha256: Buffer.from(end.tokenHash, 'base64') }
    : end;
}

/** Bytes that are no UTF-8 have become U+FFFD, and many logins one. @throws MalformedCall */
function assertReadable(message: AttemptMessage | PasswordChangeMessage): void {
  const texts =
    'login' in message ? [message.login, message.password] : [message.current, message.new];
  if (texts.some((text) => text.includes('\ufffd')))
    throw new MalformedCall('logins and passwords must be UTF-8');
}

function callerOf({ address }: { readonly address: string }, call: RpcCall): Caller {
  return {
    address: clientAddress({ ip: address, socket: {} }),
    get isDisconnected() {
      return call.isCancelled;
    },
    presence: SOCKETS,
  };
}
