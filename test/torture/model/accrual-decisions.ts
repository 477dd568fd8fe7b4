import fc from 'fast-check';
import {
  calculating,
  invalid,
  processed,
  type ScriptedReply,
} from '../../support/fakes/scripted-accrual.js';
import * as api from '../../support/http/client.js';
import { send } from '../../support/http/raw-http.js';
import { shorten } from './expectation.js';
import type { Decision, LoyaltyModel } from './loyalty-model.js';
import type { Story } from './story.js';
import { type NumberPlan, soundNumber, UNUSED_NUMBER, writeNumber } from './written.js';

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
}

/** The accrual system of one story, and what the service has yet to hear from it. */
export class AccrualDecisions {
  readonly #decisions = new Map<string, Decision>();

  constructor(private readonly story: Story) {}

  rule({ plan, said }: Ruling): void {
    const { number = '' } = writeNumber(plan, this.story.index);
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
    const news = [...this.#decisions].filter(
      ([number, { status }]) => !isSettled(model.statusOf(number), status),
    );
    const deadline = Date.now() + SETTLED_WITHIN_MS;
    for (let turn = 0; news.length > 0; turn++) {
      const shown = await this.#shownStatuses(turn);
      const arriving = news.filter(
        ([number, { status }]) => !isSettled(shown.get(number) ?? status, status),
      );
      if (arriving.length === 0)
        return news.flatMap(([number, decision]) =>
          shown.has(number) ? [{ number, decision }] : [],
        );
      if (Date.now() < deadline) continue;
      const late = arriving.map(([number, { status }]) => `${shorten(number, 60)} ${status}`);
      this.story.fail(`the worker has not made ${late.join(', ')} within ${SETTLED_WITHIN_MS} ms`);
    }
    return [];
  }

  /** Lets all decisions arrive, here and in the model. */
  async settle(model: LoyaltyModel): Promise<void> {
    for (const { number, decision } of await this.arrivals(model)) model.settle(number, decision);
  }

  /** Orders of a finished story must not stay in the queue, to be asked about for ever. */
  forget(model: LoyaltyModel): void {
    const { accrual } = this.story.site;
    for (const number of model.unfinished) accrual.script(number, invalid(number));
  }

  async #shownStatuses(replica: number): Promise<Map<string, string>> {
    const url = this.story.url(replica);
    const lists = await Promise.all(
      this.story.signedIn.map(async (name) => {
        const { line, headers } = api.by(this.story.tokenOf(name) ?? '', api.read('orders'));
        const { status, text } = await send(url, line, { headers });
        return status === 200 ? (JSON.parse(text) as { number: string; status: string }[]) : [];
      }),
    );
    return new Map(lists.flat().map(({ number, status }) => [number, status]));
  }
}

/** An order cannot, or need not, change to `decided` any more. */
function isSettled(status: string | undefined, decided: string): boolean {
  return status === decided || status === 'INVALID' || status === 'PROCESSED';
}
