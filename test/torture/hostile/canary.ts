import { send } from '../../support/http/raw-http.js';
import type { Findings } from './findings.js';
import type { Member } from './requests/headers.js';
import { rest } from './rest.js';

const EVERY_MS = 100;

/**
 * What a customer would call an outage. The service shares its cores with the attackers here:
 * measured are 30 to 150 ms.
 */
const P99_BELOW_MS = 2_000;

/**
 * Somebody who only wants to see their balance, ten times a second, whatever goes on around them.
 */
export class Canary {
  readonly #latencies: number[] = [];
  readonly #underWay = new Set<Promise<void>>();

  constructor(
    private readonly url: string,
    private readonly member: Member,
    private readonly findings: Findings,
  ) {}

  async sing(until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      // The next one does not wait for this one: a service that hangs for a second has kept ten of
      // them waiting.
      const call = this.#call().finally(() => this.#underWay.delete(call));
      this.#underWay.add(call);
      await rest(EVERY_MS, until);
    }
    await Promise.all(this.#underWay);
    const p99 = this.#percentile(99);
    if (p99 >= P99_BELOW_MS)
      this.findings.add('the canary’s p99 latency', `${p99} ms, not below ${P99_BELOW_MS} ms`);
  }

  get facts(): Record<string, number> {
    return {
      'canary calls': this.#latencies.length,
      'canary p50, ms': this.#percentile(50),
      'canary p99, ms': this.#percentile(99),
      'canary slowest, ms': this.#percentile(100),
    };
  }

  async #call(): Promise<void> {
    const began = performance.now();
    const headers = { authorization: `Bearer ${this.member.token}` };
    try {
      const { status, text } = await send(this.url, 'GET /api/user/balance', { headers });
      if (status !== 200 || text !== '{"current":0,"withdrawn":0}')
        this.findings.add('the canary is not served', `${status} ${text}`);
    } catch (error) {
      this.findings.add('the canary is not served', (error as Error).message);
    }
    this.#latencies.push(performance.now() - began);
  }

  #percentile(percent: number): number {
    const sorted = this.#latencies.toSorted((a, b) => a - b);
    return Math.round(sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? 0);
  }
}
