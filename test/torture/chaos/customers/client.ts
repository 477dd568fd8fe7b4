import { setTimeout as pause } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { Random } from '../../support/random.js';
import type { Findings } from '../findings.js';

export interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  readonly authorization?: string | undefined;
}

/** An answer that says what became of the call. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly authorization: string | undefined;
  /**
   * When the attempt that was answered went out, in milliseconds of the clock that the replicas
   * share.
   */
  readonly sentAt: number;
  /** Earlier attempts of which nobody knows whether they were, or will yet be, carried out. */
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
const IMPATIENT_SHARE = 0.15;
/**
 * Each attempt waits so much longer than the one before, as a share of the first: log-ins that are
 * given up are computed all the same, and on a busy machine 48 customers who never waited more than
 * 3 s kept three replicas at log-ins that nobody waited for any more, for as long as they tried.
 */
const PATIENCE_GROWS = 0.25;
const FIRST_BACK_OFF_MS = 50;
const LONGEST_BACK_OFF_MS = 1_000;

/** Nothing was sent: no attempt can still be under way. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT']);

/**
 * Calls the service as a client of a payment API does: a random replica, a time-out, another
 * replica with jittered back-off.
 */
export class Client {
  readonly #agent = new Agent({ connections: 64, connect: { timeout: 1_000 } });

  constructor(
    private readonly urls: readonly string[],
    private readonly findings: Findings,
    /** Aborted when it is time to stop trying. */
    private readonly givingUp: AbortSignal,
  ) {}

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  /**
   * Tries until there is a definite answer; 503 and 429 are none.
   *
   * @param only asks this replica alone. @throws GaveUp
   */
  async call(call: Call, random: Random, only?: string): Promise<Answer> {
    const what = `${call.method} ${call.path}`;
    let lost = 0;
    let url = only ?? random.pick(this.urls);
    for (let attempt = 0; !this.givingUp.aborted; attempt++) {
      const sentAt = Date.now();
      const [shortest, longest] = random.chance(IMPATIENT_SHARE)
        ? PATIENCE_MS.impatient
        : PATIENCE_MS.usual;
      const reply = await this.#attempt(
        url,
        call,
        random.integer(shortest, longest) * (1 + attempt * PATIENCE_GROWS),
      );
      if (typeof reply === 'object' && reply.status !== 503 && reply.status !== 429)
        return { ...reply, sentAt, lost };
      this.findings.count('retries');
      if (reply === 'lost' || (typeof reply === 'object' && reply.status === 503)) {
        lost++;
        if (call.method === 'POST')
          this.findings.count(typeof reply === 'object' ? 'answers 503 to writes' : 'lost answers');
      }
      const backOffMs = Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** attempt);
      await pause(random.integer(backOffMs / 2, backOffMs), undefined, {
        signal: this.givingUp,
      }).catch(() => undefined);
      url =
        only ??
        random.pick(this.urls.length > 1 ? this.urls.filter((each) => each !== url) : this.urls);
    }
    throw new GaveUp(what, lost);
  }

  async #attempt(
    url: string,
    { method, path, body, contentType, authorization }: Call,
    timeoutMs: number,
  ): Promise<Pick<Answer, 'status' | 'body' | 'authorization'> | 'lost' | 'never sent'> {
    try {
      const reply = await request(`${url}${path}`, {
        method,
        headers: {
          ...(contentType && { 'content-type': contentType }),
          ...(authorization && { authorization }),
        },
        ...(body !== undefined && { body }),
        dispatcher: this.#agent,
        signal: AbortSignal.timeout(Math.round(timeoutMs)),
      });
      const token = reply.headers['authorization'];
      return {
        status: reply.statusCode,
        body: await reply.body.text(),
        authorization: typeof token === 'string' ? token : undefined,
      };
    } catch (error) {
      const { code } = error as { code?: string };
      return code !== undefined && NEVER_SENT.has(code) ? 'never sent' : 'lost';
    }
  }
}
