import {
  type JournalReader,
  type Lease,
  LeaseLost,
  type Progress,
  type SubscriptionLeases,
  type SubscriptionMetrics,
  type TakenLease,
} from '../../../src/journal/application/ports.js';
import { Cursor, type Range } from '../../../src/journal/domain/cursor.js';
import type { JournalEvent } from '../../../src/journal/domain/journal-event.js';
import { Mark } from '../../../src/journal/domain/mark.js';

/** A journal whose events are committed one after another, with one subscription. */
export class InMemoryJournal implements JournalReader, SubscriptionLeases {
  cursor = Cursor.from(Mark.before(0n, 0n));
  holder: string | undefined;
  /** How often something was refused, because somebody else had the lease. */
  refused = 0;
  readonly parked = new Map<bigint, { isPutBack: boolean }>();
  /** Positions of events that wait, with their lanes. */
  readonly waitingOn = new Map<bigint, number>();
  /** Why the receiver wants no more; an operator has resumed it where it is undefined. */
  stopped: string | undefined;
  readonly counted = { delivered: 0, parked: 0 };
  readonly metrics: SubscriptionMetrics = {
    delivered: (_, events) => (this.counted.delivered += events),
    parked: (_, events) => (this.counted.parked += events),
  };
  readonly #events: JournalEvent[] = [];
  #fence = 0;

  append(...types: string[]): void {
    for (const type of types)
      this.#events.push({ position: BigInt(this.#events.length + 1), type, data: '{}' });
  }

  /** An event of each of these users. */
  appendOf(...subjects: string[]): void {
    for (const subject of subjects) {
      const position = BigInt(this.#events.length + 1);
      this.#events.push({ position, type: 'order_created', subject, data: '{}' });
    }
  }

  /** As a standby that lacked the last events. */
  forget(count: number): void {
    this.#events.splice(-count);
  }

  mark(): Promise<Mark> {
    const top = BigInt(this.#events.length);
    return Promise.resolve(new Mark(`${top + 1n}:${top + 1n}:`, top, 0n));
  }

  read({ after, to }: Range, limit: number): Promise<readonly JournalEvent[]> {
    const events = this.#events.filter(({ position }) => position > after && position <= to);
    return Promise.resolve(events.slice(0, limit));
  }

  isThere = true;

  create(): Promise<void> {
    this.isThere = true;
    return Promise.resolve();
  }

  find(): Promise<{ readonly stopped?: string } | undefined> {
    const stopped = this.stopped;
    return Promise.resolve(
      this.isThere ? { ...(stopped !== undefined && { stopped }) } : undefined,
    );
  }

  acquire(subscription: string): Promise<TakenLease | undefined> {
    if (this.holder !== undefined || !this.isThere || this.stopped !== undefined)
      return Promise.resolve(undefined);
    const fence = String(++this.#fence);
    this.holder = fence;
    return Promise.resolve({ lease: { subscription, fence }, cursor: this.cursor });
  }

  /** Another process takes it. */
  takeLease(): void {
    this.#fence++;
    this.holder = 'somebody else';
  }

  renew(lease: Lease): Promise<void> {
    return this.#holding(lease, () => undefined);
  }

  save(
    lease: Lease,
    { cursor, tried, parked, waiting, settled, stopped }: Progress,
  ): Promise<void> {
    return this.#holding(lease, () => {
      this.cursor = cursor;
      waiting.forEach(({ position, lane }) => this.waitingOn.set(position, lane));
      settled.forEach(({ position }) => this.waitingOn.delete(position));
      this.stopped = stopped;
      if (stopped !== undefined) this.holder = undefined;
      tried.forEach((position) => this.parked.delete(position));
      parked.forEach(({ position }) => this.parked.set(position, { isPutBack: false }));
    });
  }

  release({ fence }: Lease): Promise<void> {
    if (this.holder === fence) this.holder = undefined;
    return Promise.resolve();
  }

  /** An operator has it tried again. */
  putBack(position: bigint): void {
    this.parked.set(position, { isPutBack: true });
  }

  toRetry(): Promise<readonly JournalEvent[]> {
    const isDue = ({ position }: JournalEvent): boolean =>
      this.parked.get(position)?.isPutBack === true;
    return Promise.resolve(this.#events.filter(isDue));
  }

  waiting(
    _subscription: string,
    lanes: readonly number[],
    limit: number,
  ): Promise<readonly { readonly lane: number; readonly event: JournalEvent }[]> {
    const found = lanes.flatMap((lane) =>
      this.#events
        .filter(({ position }) => this.waitingOn.get(position) === lane)
        .slice(0, limit)
        .map((event) => ({ lane, event })),
    );
    return Promise.resolve(found);
  }

  #holding(lease: Lease, work: () => void): Promise<void> {
    if (this.holder === lease.fence) {
      work();
      return Promise.resolve();
    }
    this.refused++;
    return Promise.reject(new LeaseLost('another process has the lease'));
  }
}
