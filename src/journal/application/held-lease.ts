import type { Clock } from '../../kernel/application/ports.js';
import type { Cursor } from '../domain/cursor.js';
import { type Lease, LeaseLost, type SubscriptionLeases } from './ports.js';

/** How long a process may be silent before another one takes its lease, in milliseconds. */
export const LEASE_MS = 15_000;
export const RENEW_MS = 3_000;

/**
 * The lease of a subscription while this process has it. It is renewed until it is given back. When
 * it may have ended, by our clock, it is not used any more: a process that stood still may not know
 * yet that another one has it.
 */
export class HeldLease {
  /** Resolves with the reason when it cannot be used any more. */
  readonly lost: Promise<Error>;
  #lose: (reason: Error) => void = () => undefined;
  readonly #renewal: NodeJS.Timeout;

  private constructor(
    readonly lease: Lease,
    /** Where the holder before has got. */
    readonly cursor: Cursor,
    private endsMs: number,
    private readonly leases: SubscriptionLeases,
    private readonly clock: Clock,
  ) {
    this.lost = new Promise((resolve) => (this.#lose = resolve));
    this.#renewal = setInterval(() => void this.#renew(), RENEW_MS);
  }

  /** @returns undefined while another process has it. */
  static async acquire(
    subscription: string,
    leases: SubscriptionLeases,
    clock: Clock,
  ): Promise<HeldLease | undefined> {
    const endsMs = clock.monotonicMs() + LEASE_MS;
    const taken = await leases.acquire(subscription);
    return taken && new HeldLease(taken.lease, taken.cursor, endsMs, leases, clock);
  }

  /** @throws LeaseLost where it may have ended. */
  assertHeld(): void {
    if (this.clock.monotonicMs() >= this.endsMs) throw new LeaseLost('the lease has ended');
  }

  /** Never rejects. */
  async release(): Promise<void> {
    clearInterval(this.#renewal);
    await this.leases.release(this.lease).catch(() => undefined);
  }

  async #renew(): Promise<void> {
    const endsMs = this.clock.monotonicMs() + LEASE_MS;
    try {
      await this.leases.renew(this.lease);
      this.endsMs = endsMs;
    } catch (error) {
      const isEnding = this.clock.monotonicMs() > this.endsMs - RENEW_MS;
      if (error instanceof LeaseLost || isEnding) this.#lose(error as Error);
    }
  }
}
