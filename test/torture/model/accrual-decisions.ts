import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import {
  calculating,
  invalid,
  processed,
  type ScriptedReply,
} from '../../support/fakes/scripted-accrual.js';
import type { Decision } from './reference/books.js';
import type { Occasion } from './reference/expectation.js';
import type { LoyaltyModel } from './reference/loyalty-model.js';
import { shorten } from './reference/rows.js';
import { type NumberPlan, soundNumber, UNUSED_NUMBER, writeNumber } from './plans/written.js';
import type { Story } from './story.js';

/** An order is asked about every 100 ms; after a kill -9 the lease of 1 s runs out first. */
const SETTLED_WITHIN_MS = 60_000;

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
  readonly reply: (number: string) => ScriptedReply;
}

function processedWith(token: string | undefined, award: bigint): Said {
  return {
    told: `PROCESSED with ${token ?? 'no award'}`,
    decision: { status: 'PROCESSED', award },
    reply: (number) => processed(number, token),
  };
}

const without = (status: Decision['status'], told: string, reply: Said['reply']): Said => {
  return { told, decision: { status, award: 0n }, reply };
};

const anySaid: fc.Arbitrary<Said> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(...AWARDS).map((award) => processedWith(...award)),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      without('INVALID', 'INVALID', invalid),
      without('INVALID', 'INVALID', invalid),
      without('PROCESSING', 'REGISTERED', (number) => calculating(number, 'REGISTERED')),
      without('PROCESSING', 'PROCESSING', (number) => calculating(number, 'PROCESSING')),
    ),
  },
);

/** What the accrual system decides about a number, whether it was uploaded or will be. */
export interface Ruling {
  readonly plan: NumberPlan;
  readonly said: Said;
}

export const anyRuling: fc.Arbitrary<Ruling> = fc.record({ plan: soundNumber, said: anySaid });

/** Without points to begin with, four withdrawals of five were refused. */
export const OPENING_AWARD: Ruling = { plan: UNUSED_NUMBER, said: processedWith('500', 50_000n) };

/** A decision that is in the service's books. */
export interface Arrival {
  readonly number: string;
  readonly decision: Decision;
  readonly occasion: Occasion;
}

/** The accrual system of one story, and what the service has yet to hear from it. */
export class AccrualDecisions {
  readonly #decisions = new Map<string, Decision>();
  /** When all that was decided before was in the books. */
  #settledAt = Date.now();

  constructor(private readonly story: Story) {}

  rule({ plan, said }: Ruling, number = writeNumber(plan, this.story.index).number ?? ''): void {
    const { accrual, findings } = this.story.site;
    findings.tally('decide', said.decision.status);
    this.story.tell(`the accrual system decides: ${shorten(number, 60)} is ${said.told}`);
    this.#decisions.set(number, said.decision);
    accrual.script(number, said.reply(number));
  }

  /**
   * Waits until the worker has brought every decision on an uploaded number into the books.
   * @returns what `model` has not heard of.
   */
  async arrivals(model: LoyaltyModel): Promise<Arrival[]> {
    const from = this.#settledAt;
    const news = [...this.#decisions].filter(
      ([number, { status }]) => !isSettled(model.statusOf(number), status),
    );
    const deadline = Date.now() + SETTLED_WITHIN_MS;
    for (;;) {
      const stored = await this.#storedStatuses(news.map(([number]) => number));
      const arriving = news.filter(
        ([number, { status }]) => !isSettled(stored.get(number) ?? status, status),
      );
      if (arriving.length === 0) {
        this.#settledAt = Date.now();
        const occasion = { turn: this.story.turn, moment: { from, to: this.#settledAt } };
        return news
          .filter(([number]) => stored.has(number))
          .map(([number, decision]) => ({ number, decision, occasion }));
      }
      await pause(5);
      if (Date.now() < deadline) continue;
      const late = arriving.map(([number, { status }]) => `${shorten(number, 60)} ${status}`);
      this.story.fail(`the worker has not made ${late.join(', ')} within ${SETTLED_WITHIN_MS} ms`);
    }
  }

  /** Lets all decisions arrive, here and in the model. */
  async settle(model: LoyaltyModel): Promise<void> {
    for (const { number, decision, occasion } of await this.arrivals(model))
      model.settle(number, decision, occasion);
  }

  /** Orders of a finished story must not stay in the queue, to be asked about for ever. */
  forget(model: LoyaltyModel): void {
    const { accrual } = this.story.site;
    for (const number of model.unfinished) accrual.script(number, invalid(number));
  }

  /** By an operator: whoever owns an order may have logged out. */
  async #storedStatuses(numbers: readonly string[]): Promise<Map<string, string>> {
    const { operator } = this.story;
    const found = await Promise.all(
      numbers.map(async (number) => {
        const { code, lines } = await operator.run(['order', number, '--json']);
        if (code !== 0) return [number, undefined] as const;
        const { order } = JSON.parse(lines.join('')) as { order: { status: string } | null };
        return [number, order?.status] as const;
      }),
    );
    return new Map(found.flatMap(([number, status]) => (status ? [[number, status]] : [])));
  }
}

/** An order cannot, or need not, change to `decided` any more. */
function isSettled(status: string | undefined, decided: string): boolean {
  return status === decided || status === 'INVALID' || status === 'PROCESSED';
}
