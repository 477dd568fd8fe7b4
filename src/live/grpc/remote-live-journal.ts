import { Injectable } from '@nestjs/common';
import pLimit from 'p-limit';
import { Mark, type Range } from '../../journal/index.js';
import { BillingClient } from '../../platform/grpc/rpc-client.js';
import { LiveJournal, type LivePage } from '../application/ports.js';
import { LIVE_TYPES, type LiveEvent } from '../domain/live-event.js';
import type { ListReply, ListRequest, MarkMessage } from './live.rpc.js';

const SERVICE = 'live.proto/LiveEvents';

/** Those who catch up leave the connection room for all others. */
const CALLS_AT_ONCE = 50;

/** The journal, where billing is another process. */
@Injectable()
export class RemoteLiveJournal extends LiveJournal {
  readonly #calls = pLimit(CALLS_AT_ONCE);

  constructor(private readonly billing: BillingClient) {
    super();
  }

  async mark(): Promise<Mark> {
    return Mark.restore(await this.billing.call<MarkMessage>(SERVICE, 'GetMark', {}));
  }

  async read(range: Range, users: readonly string[], limit: number): Promise<LivePage> {
    const request: ListRequest = {
      after: String(range.after),
      to: String(range.to),
      until: range.until.toSnapshot(),
      seenTop: String(range.seenTop),
      ended: range.ended.map(String),
      userIds: users,
      limit,
    };
    const call = (): Promise<ListReply> =>
      this.billing.call<ListReply>(SERVICE, 'ListLiveEvents', request);
    const { events, to } = await (users.length === 1 ? this.#calls(call) : call());
    return {
      events: events
        // A later version of billing may know more.
        .filter(({ type }) => LIVE_TYPES.some((each) => each === type))
        .map((event) => ({ ...event, position: BigInt(event.position) }) as LiveEvent),
      to: BigInt(to),
    };
  }

  /** Nothing is committed here. */
  onCommit(): void {
    return undefined;
  }
}
