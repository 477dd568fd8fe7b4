import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Mark, type Range } from '../../journal/index.js';
import { assertCount, MalformedCall, uuidOf } from '../../platform/grpc/rpc-lists.js';
import { RpcServer } from '../../platform/grpc/rpc-server.js';
import { LiveJournal } from '../application/ports.js';

// Messages of proto/gophermart/v1/live.proto; numbers of 64 bits are texts.

export interface MarkMessage {
  readonly snapshot: string;
  readonly top: string;
  readonly restored: string;
}

export interface ListRequest {
  readonly after: string;
  readonly to: string;
  readonly until: MarkMessage | null;
  readonly seenTop: string;
  readonly ended: readonly string[];
  readonly userIds: readonly string[];
  readonly limit: number;
}

export interface ListReply {
  readonly events: readonly {
    readonly position: string;
    readonly userId: string;
    readonly type: string;
    readonly data: string;
  }[];
  readonly to: string;
}

export const MOST_USERS = 50_000;
const MOST_EVENTS = 1_000;

/** The highest that a position, or PostgreSQL's bigint, can be. */
const HIGHEST = 2n ** 63n - 1n;

/** Has portals in other processes read the journal. */
@Injectable()
export class LiveRpc implements OnModuleInit {
  constructor(
    private readonly server: RpcServer,
    private readonly journal: LiveJournal,
  ) {}

  onModuleInit(): void {
    this.server.add('live.proto/LiveEvents', {
      GetMark: async (): Promise<MarkMessage> => (await this.journal.mark()).toSnapshot(),
      ListLiveEvents: (request: ListRequest) => this.#list(request),
    });
  }

  async #list(request: ListRequest): Promise<ListReply> {
    const { userIds, limit } = request;
    assertCount(userIds, MOST_USERS);
    if (limit < 1 || limit > MOST_EVENTS)
      throw new MalformedCall(`limit must be from 1 to ${MOST_EVENTS}`);
    const users = userIds.map((id) => uuidOf('user_ids', id));
    const { events, to } = await this.journal.read(rangeOf(request), users, limit);
    return {
      events: events.map((event) => ({ ...event, position: String(event.position) })),
      to: String(to),
    };
  }
}

/** @throws MalformedCall */
function rangeOf({ after, to, until, seenTop, ended }: ListRequest): Range {
  const { snapshot = '', top = '0', restored = '0' } = until ?? {};
  if (!/^\d{1,19}:\d{1,19}:(\d{1,19}(,\d{1,19})*)?$/.test(snapshot))
    throw new MalformedCall('until.snapshot must be a snapshot of PostgreSQL');
  for (const number of [after, to, top, restored, seenTop, ...ended])
    if (BigInt(number) > HIGHEST) throw new MalformedCall(`a number is too high: ${number}`);
  return {
    after: BigInt(after),
    to: BigInt(to),
    until: Mark.restore({ snapshot, top, restored }),
    seenTop: BigInt(seenTop),
    ended: ended.map(BigInt),
  };
}
