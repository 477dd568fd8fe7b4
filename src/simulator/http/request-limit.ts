import type { Clock } from '../../kernel/application/ports.js';

const MINUTE = 60_000;

/**
 * At most `perMinute` requests of all clients in a fixed window of a minute. A window opens with
 * the first request after the last one has closed. Refused requests do not count.
 */
export class RequestLimit {
  #windowEnds = -Infinity;
  #left = 0;

  /** @param perMinute 0: no limit. */
  constructor(
    readonly perMinute: number,
    private readonly clock: Clock,
  ) {}

  /**
   * Admits a request. @returns undefined, or after how many whole seconds, 1 to 60, the next window
   * may open.
   */
  take(): number | undefined {
    if (this.perMinute === 0) return undefined;
    const now = this.clock.monotonicMs();
    if (now >= this.#windowEnds) {
      this.#windowEnds = now + MINUTE;
      this.#left = this.perMinute;
    }
    if (this.#left === 0) return Math.ceil((this.#windowEnds - now) / 1000);
    this.#left--;
    return undefined;
  }
}
