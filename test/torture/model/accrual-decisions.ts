import fc from 'fast-check';
import { send } from '../../support/http/raw-http.js';
import {
  calculating,
  invalid,
  processed,
  type ScriptedReply,
} from '../../support/fakes/scripted-accrual.js';
import { shorten } from './expectation.js';
import type { Decision, LoyaltyModel } from './loyalty-model.js';
import { type NumberPlan, soundNumber, UNUSED_NUMBER, write } from './calls/numbers.js';
import type { Story } from './story.js';

/**
 * An order is asked about every 100 ms at most; after a kill -9 the lease of 1 s has to run out
 * first.
 */
const SETTLED_WITHIN_MS = 10_000;

/** What the accrual system says, and what it means in kopecks: an award is rounded half up. */
const AWARDS: readonly (readonly [token: string | undefined, kopecks: bigint])[] = [
  ['500', 50_000n],
  ['729.98', 72_998n],
  ['729.975', 72_998n],
  ['729.97499999999999999999', 72_997n],
  ['0.07', 7n],
  ['0.1', 10n],
  ['0.005', 1n],
  ['0.0049', 0n],
  ['1e2', 10_000n],
  ['50.50e-1', 505n],
  ['99999999999.99', 9_999_999_999_999n],
  ['0', 0n],
  [undefined, 0n],
];

interface Said {
  readonly told: string;
  readonly decision: Decision;
  reply(number: string): ScriptedReply;
}

function processedWith(token: string | undefined, kopecks: bigint): Said {
  return {
    told: `PROCESSED with ${token ?? 'no award'}`,
    decision: { status: 'PROCESSED', award: kopecks },
    reply: (number) => processed(number, token),
  };
}

const anySaid: fc.Arbitrary<Said> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(...AWARDS).map((award) => processedWith(...award)),
  },
  {
    weight: 1,
    arbitrary: fc.constant({
      told: 'INVALID',
      decision: { status: 'INVALID' as const },
      reply: invalid,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('REGISTERED' as const, 'PROCESSING' as const).map((status) => ({
      told: status,
      decision: { status: 'PROCESSING' as const },
      reply: (number: string) => calculating(number, status),
    })),
  },
);

/** The accrual system's word on a number, whether it was uploaded or will be. */
export interface Ruling {
  readonly plan: NumberPlan;
  readonly said: Said;
}

/** Of a number that no plan can meet. */
export function award(token: string, kopecks: bigint): Ruling {
  return { plan: UNUSED_NUMBER, said: processedWith(token, kopecks) };
}

export const anyRuling: fc.Arbitrary<Ruling> = fc.record({ plan: soundNumber, said: anySaid });

/** The accrual system of one story, and what the service has yet to hear from it. */
export class AccrualDecisions {
  readonly #decisions = new Map<string, Decision>();

  constructor(private readonly story: Story) {}

  rule({ plan, said }: Ruling): void {
    const { number = '' } = write(plan, this.story.index);
    this.story.stage.count('decide', said.decision.status);
    this.story.tell(`the accrual system decides: ${shorten(number, 60)} is ${said.told}`);
    this.#decisions.set(number, said.decision);
    this.story.stage.accrual.script(number, said.reply(number));
  }

  /**
   * Waits until the worker has brought every decision on an uploaded number into the books.
   * @returns what `model` has not heard of.
   */
  async arrivals(model: LoyaltyModel): Promise<Arrival[]> {
    const news = [...this.#decisions].filter(
      ([number, { status }]) => !isSettled(model.statusOf(number), status),
    );
    const deadline = Date.now() + SETTLED_WITHIN_MS;
    for (let turn = 0; ; turn++) {
      if (news.length === 0) return [];
      const shown = await this.shownStatuses(turn);
      const arriving = news.filter(
        ([number, { status }]) => !isSettled(shown.get(number) ?? status, status),
      );
      if (arriving.length === 0)
        return news.flatMap(([number, decision]) =>
          shown.has(number) ? [{ number, decision }] : [],
        );
      if (Date.now() < deadline) continue;
      const late = arriving.map(
        ([number, { status }]) => `${shorten(number, 60)} ${status}, which is ${shown.get(number)}`,
      );
      this.story.fail(`the worker has not made ${late.join(', ')} within ${SETTLED_WITHIN_MS} ms`);
    }
  }

  /** Lets all decisions arrive, here and in the model. */
  async settle(model: LoyaltyModel): Promise<void> {
    for (const { number, decision } of await this.arrivals(model)) model.settle(number, decision);
  }

  /** No question of a finished story remains in the queue, where it would be asked for ever. */
  forget(model: LoyaltyModel): void {
    for (const number of model.unfinished) this.story.stage.accrual.script(number, invalid(number));
  }

  private async shownStatuses(replica: number): Promise<Map<string, string>> {
    const lists = await Promise.all(
      this.story.signedIn.map(async (name) => {
        const headers = { authorization: `Bearer ${this.story.tokenOf(name)}` };
        const { status, text } = await send(this.story.stage.url(replica), 'GET /api/user/orders', {
          headers,
        });
        return status === 200 ? (JSON.parse(text) as { number: string; status: string }[]) : [];
      }),
    );
    return new Map(lists.flat().map(({ number, status }) => [number, status]));
  }
}

/** A decision that is in the service's books. */
export interface Arrival {
  readonly number: string;
  readonly decision: Decision;
}

/** An order cannot, or need not, change to `decided` any more. */
function isSettled(status: string | undefined, decided: string): boolean {
  return status === decided || status === 'INVALID' || status === 'PROCESSED';
}
