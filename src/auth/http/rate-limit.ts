import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '../../kernel/application/ports.js';
import { AuthSettings } from '../auth.settings.js';

const SECOND_MS = 1000;
/** Users and addresses counted at once: about 200 bytes each, so 10 MB at most. */
const MAX_CLIENTS = 50_000;

interface Count {
  requests: number;
  /** When the second is over that the first request began, by the monotonic clock. */
  endsAt: number;
}

/**
 * So many requests a second of one client, over all routes of the API and in this process. Refused
 * requests do not count: a client that goes on sending still gets what the limit allows.
 *
 * Not @nestjs/throttler (ADR 0014).
 */
@Injectable()
export class RateLimit {
  readonly #counts = new LRUCache<string, Count>({ max: MAX_CLIENTS });
  readonly #perSecond: number;

  constructor(
    { rateLimitPerSecond }: AuthSettings,
    private readonly clock: Clock,
  ) {
    this.#perSecond = rateLimitPerSecond;
  }

  /** Whether requests to this route are counted. Health and metrics are not the API's. */
  countsRoute(url: string): boolean {
    return this.#perSecond > 0 && url.startsWith('/api/');
  }

  /**
   * Counts one request of a client: a user's id, or an address, which is never equal to one.
   *
   * @returns false where it is beyond the limit.
   */
  admits(client: string): boolean {
    const count = this.#countOf(client);
    if (count.requests >= this.#perSecond) return false;
    count.requests++;
    return true;
  }

  #countOf(client: string): Count {
    const now = this.clock.monotonicMs();
    let count = this.#counts.get(client);
    if (!count || now >= count.endsAt) {
      count = { requests: 0, endsAt: now + SECOND_MS };
      this.#counts.set(client, count);
    }
    return count;
  }
}
