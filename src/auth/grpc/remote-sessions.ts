import { Injectable } from '@nestjs/common';
import type { GroupCommit } from '../../kernel/application/batches/group-commit.js';
import { gathered } from '../../platform/grpc/gathered-calls.js';
import { BillingClient } from '../../platform/grpc/rpc-client.js';
import type { RpcErrors, RpcOutcome } from '../../platform/grpc/rpc-errors.js';
import { outcomesFrom } from '../../platform/grpc/rpc-lists.js';
import { SessionEnds, type SessionEndsPage } from '../application/ports.js';
import type { Session, SessionEnd } from '../domain/session.js';
import type {
  EndedSessionMessage,
  EndedSessionsReply,
  EndedSessionsRequest,
  EndedTokenMessage,
} from './users.rpc.js';

/** `LogOutCommits`, where billing is another process. The token itself stays here. */
export function logOutsAt(billing: BillingClient, errors: RpcErrors): GroupCommit<Session, void> {
  return gathered(async (sessions) => {
    const tokens = sessions.map(({ userId, tokenHash, expiresAt }): EndedTokenMessage => ({
      userId,
      tokenSha256: Buffer.from(tokenHash, 'base64'),
      expiresAt: Math.ceil(expiresAt),
    }));
    const { outcomes } = await billing.call<{
      outcomes: readonly RpcOutcome<{ readonly loggedOut: object }>[];
    }>('users.proto/Users', 'LogOut', { tokens });
    return outcomesFrom(outcomes, errors, 'loggedOut', (): void => undefined);
  });
}

@Injectable()
export class RemoteSessionEnds extends SessionEnds {
  constructor(private readonly billing: BillingClient) {
    super();
  }

  async after(mark: string | undefined, maxAgeS: number): Promise<SessionEndsPage | undefined> {
    const request: EndedSessionsRequest = { mark: mark ?? '', maxAgeSeconds: maxAgeS };
    const page = await this.billing.call<EndedSessionsReply>(
      'users.proto/Users',
      'ListEndedSessions',
      request,
    );
    if (page.isUnknown) return undefined;
    return {
      ends: page.ended.map(endOf),
      mark: page.mark === '' ? undefined : page.mark,
      isLast: !page.hasMore,
    };
  }
}

/** @throws Error for what a later version says, and this one does not know. */
function endOf({ userId, generation, tokenSha256 }: EndedSessionMessage): SessionEnd {
  if (tokenSha256) return { userId, tokenHash: tokenSha256.toString('base64') };
  if (generation !== undefined) return { userId, generation };
  throw new Error('billing tells of an end that is not known here');
}
