import { Agent } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Call } from '../../support/http/client.js';
import { type RawReply, send } from '../../support/http/raw-http.js';
import type { Findings } from '../findings.js';
import type { Random } from '../support/random.js';

/** A reply that says what became of the call. */
export interface Answer extends RawReply {
  /** When the attempt that was answered went out, in milliseconds of the clock of all replicas. */
  readonly sentAt: number;
  /** Earlier attempts without an answer: they may have been carried out, or still be. */
  readonly lost: number;
}

/** The run is over before there was an answer. */
export class GaveUp extends Error {
  constructor(
    what: string,
    readonly lost: number,
  ) {
    super(`no definite answer to ${what}`);
  }
}

/** Most clients wait some seconds; some are so impatient that a busy service loses them. */
const PATIENCE_MS = { usual: [1_500, 3_000], impatient: [100, 500] } as const;
/**
 * Each attempt waits so much longer than the one before, as a share of the first. Log-ins that are
 * given up are computed all the same: 48 customers who never waited more than 3 s kept three
 * replicas on a busy machine busy with abandoned log-ins for as long as they tried.
 */
const PATIENCE_GROWS = 0.25;
const FIRST_BACK_OFF_MS = 50;
const LONGEST_BACK_OFF_MS = 1_000;
const REST_MS = 500;

/** Calls the service as clients of a payment API do: a time-out, then another replica, later. */
export class RetryingClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });

  constructor(
    private readonly urls: readonly string[],
    private readonly findings: Findings,
    /** Aborted when it is time to stop trying. */
    private readonly givingUp: AbortSignal,
  ) {}

  close(): void {
    this.#agent.destroy();
  }

  /** Before a call that was refused is made again. @throws GaveUp */
  async rest(what: string): Promise<void> {
    if (this.givingUp.aborted) throw new GaveUp(what, 0);
    await pause(REST_MS, undefined, { signal: this.givingUp }).catch(() => undefined);
  }

  /**
   * Tries until there is a definite answer; 503 and 429 are none.
   *
   * @param only asks this replica alone. @throws GaveUp
   */
  async call(call: Call, random: Random, only?: string): Promise<Answer> {
    const isWrite = call.line.startsWith('POST');
    let lost = 0;
    let url = only ?? random.pick(this.urls);
    for (let attempt = 0; !this.givingUp.aborted; attempt++) {
      const sentAt = Date.now();
      const [shortest, longest] = PATIENCE_MS[random.chance(0.15) ? 'impatient' : 'usual'];
      const patience = random.integer(shortest, longest) * (1 + attempt * PATIENCE_GROWS);
      const reply = await this.#attempt(url, call, patience);
      if (typeof reply === 'object' && reply.status !== 503 && reply.status !== 429)
        return { ...reply, sentAt, lost };
      this.findings.count('retries');
      if (reply === 'lost' || (typeof reply === 'object' && reply.status === 503)) {
        lost++;
        if (isWrite)
          this.findings.count(reply === 'lost' ? 'lost answers' : 'answers 503 to writes');
      }
      const backOffMs = Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** attempt);
      const waitMs = random.integer(backOffMs / 2, backOffMs);
      await pause(waitMs, undefined, { signal: this.givingUp }).catch(() => undefined);
      const others = this.urls.filter((each) => each !== url);
      url = only ?? random.pick(others.length > 0 ? others : this.urls);
    }
    throw new GaveUp(call.line, lost);
  }

  async #attempt(
    url: string,
    { line, ...request }: Call,
    timeoutMs: number,
  ): Promise<RawReply | 'lost' | 'never sent'> {
    const signal = AbortSignal.timeout(Math.round(timeoutMs));
    try {
      return await send(url, line, { ...request, agent: this.#agent, signal });
    } catch (error) {
      return (error as { code?: string }).code === 'ECONNREFUSED' ? 'never sent' : 'lost';
    }
  }
}
