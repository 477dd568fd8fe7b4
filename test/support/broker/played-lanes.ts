import { jest } from '@jest/globals';
import { UserLanes } from '../../../src/journal/application/lanes/user-lanes.js';
import type { Passed } from '../../../src/journal/application/reading.js';
import { EventsRefused } from '../../../src/journal/application/sink-ports.js';
import type { JournalEvent } from '../../../src/journal/domain/journal-event.js';
import { FakeClock } from '../fakes/fake-clock.js';

/** A user of this lane, by the last digit of the id. */
export const user = (lane: number): string =>
  `0198c0de-0000-7000-8000-00000000000${lane.toString(16)}`;

export const event = (position: number, lane = 0): JournalEvent => ({
  position: BigInt(position),
  type: 'order_created',
  subject: user(lane),
  data: '{}',
});

/** Lanes with a receiver that does what a test says, under Jest's timers. */
export class PlayedLanes {
  readonly clock = new FakeClock();
  /** Positions, in the order in which they were sent, and in which they were taken. */
  readonly sent: number[] = [];
  readonly taken: number[] = [];
  /** Positions that are refused, or answered only when a test does. */
  readonly refused = new Set<number>();
  readonly held = new Map<number, () => void>();
  isDead = false;
  failure: Error | undefined;
  /** What waits in the database, by its position. */
  readonly stored = new Map<number, JournalEvent & { readonly lane: number }>();
  readonly lanes = new UserLanes(
    'test',
    { publish: ([first]) => this.#publish(Number(first?.position)) },
    { waiting: (numbers, limit) => Promise.resolve(this.#waiting(numbers, limit)) },
    this.clock,
  );

  /** It is answered by {@link answer}. */
  hold(...positions: number[]): void {
    for (const position of positions) this.held.set(position, () => undefined);
  }

  answer(...positions: number[]): void {
    for (const position of positions) this.held.get(position)?.();
  }

  /** Passes events on, and stores what comes of it as the subscription does. */
  async pass(...events: JournalEvent[]): Promise<Passed> {
    const passed = await this.lanes.pass(events);
    const byPosition = new Map(events.map((each) => [each.position, each]));
    for (const { position, lane } of passed.waiting) {
      const found = byPosition.get(position);
      if (found) this.stored.set(Number(position), { ...found, lane });
    }
    for (const { position } of passed.settled) this.stored.delete(Number(position));
    return passed;
  }

  /** A page that is waited for, with what it has become, once it has. */
  begin(...events: JournalEvent[]): { passed?: Passed } {
    const page: { passed?: Passed } = {};
    void this.pass(...events).then((passed) => (page.passed = passed));
    return page;
  }

  /** @param ms goes by, in so many steps. */
  async elapse(ms: number, steps = 20): Promise<void> {
    for (let i = 0; i < steps; i++) {
      this.clock.advance(ms / steps);
      await jest.advanceTimersByTimeAsync(ms / steps);
    }
  }

  get waiting(): number[] {
    return [...this.stored.keys()].sort((a, b) => a - b);
  }

  async #publish(position: number): Promise<void> {
    this.sent.push(position);
    if (this.held.has(position))
      await new Promise<void>((resolve) => this.held.set(position, resolve));
    if (this.failure) throw this.failure;
    if (this.isDead || this.refused.has(position)) throw new EventsRefused('status 500');
    this.taken.push(position);
  }

  #waiting(
    numbers: readonly number[],
    limit: number,
  ): { readonly lane: number; readonly event: JournalEvent }[] {
    return numbers.flatMap((lane) =>
      [...this.stored.values()]
        .filter((each) => each.lane === lane)
        .sort((a, b) => Number(a.position - b.position))
        .slice(0, limit)
        .map((each) => ({ lane, event: each })),
    );
  }
}
