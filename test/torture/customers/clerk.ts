import { setTimeout as pause } from 'node:timers/promises';
import type { Kopecks } from '../support/kopecks.js';
import type { Random } from '../support/random.js';
import type { Customer } from './customer.js';
import type { Desk } from './desk.js';
import type { Adjustment } from './memory/corrections.js';
import type { Withdrawal } from './memory/withdrawals.js';

const THINKING_MS = [20, 300] as const;

/** What an operator does, and how often. */
const DUTIES = {
  give: 16,
  take: 12,
  'the same at once': 10,
  'an adjustment again': 6,
  'a key for something else': 3,
  'more than there is': 8,
  reverse: 20,
  'a reversal and the withdrawal again, at once': 12,
  'a reversal again': 5,
  block: 8,
} as const;

/** An operator's steps, from a stream of draws of their own. */
export class Clerk {
  #duties = 0;

  constructor(
    readonly desk: Desk,
    private readonly life: Random,
    private readonly customers: readonly Customer[],
  ) {}

  /** Goes on until `over`; what has been begun is finished. @throws GaveUp */
  async live(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      const random = this.life.fork(`duty ${++this.#duties}`);
      await this.#attend(random.weighted(DUTIES), random);
      await pause(random.integer(...THINKING_MS), undefined, { signal: over }).catch(
        () => undefined,
      );
    }
  }

  async #attend(duty: keyof typeof DUTIES, random: Random): Promise<void> {
    /** Somebody of whom there is something that the duty is about, and one of that. */
    const withOne = async <T>(
      of: (customer: Customer) => readonly T[],
      work: (customer: Customer, one: T) => Promise<unknown>,
    ): Promise<void> => {
      const able = this.customers.filter((each) => each.isSignedIn && of(each).length > 0);
      if (able.length === 0) return;
      const customer = random.pick(able);
      await work(customer, random.pick(of(customer)));
    };
    const { desk } = this;
    const sum = BigInt(random.integer(1, 30_000));
    const percent = BigInt(random.integer(1, 60));
    const given = (): Kopecks[] => [sum];
    const taken = ({ memory }: Customer): Kopecks[] => {
      const share = (memory.shown.current * percent) / 100n;
      return share > 0n ? [-share] : [];
    };
    switch (duty) {
      case 'give':
        return withOne(given, (customer, points) => desk.adjust(customer, points));
      case 'take':
        return withOne(taken, (customer, points) => desk.adjust(customer, points));
      case 'the same at once': {
        const points = random.chance(0.5) ? given : taken;
        return withOne(points, (customer, each) => desk.adjust(customer, each, 3));
      }
      case 'an adjustment again':
        return withOne(made, (customer, each) => desk.adjustAgain(customer, each));
      case 'a key for something else':
        return withOne(made, (customer, each) => desk.misuse(customer, each));
      case 'more than there is':
        return withOne(beyond, (customer, points) => desk.adjust(customer, points));
      case 'reverse':
        return withOne(standing, (customer, each) => desk.reverse(customer, each));
      case 'a reversal and the withdrawal again, at once':
        return withOne(standing, (customer, each) => desk.race(customer, each));
      case 'a reversal again':
        return withOne(reversed, (customer, each) => desk.reverse(customer, each));
      case 'block':
        return withOne(free, (customer) => desk.block(customer, random));
    }
  }
}

function beyond({ memory }: Customer): Kopecks[] {
  return [-memory.beyond];
}

/** Nobody else is at work on who may sign in. */
function free({ isAttendedTo }: Customer): true[] {
  return isAttendedTo ? [] : [true];
}

function made({ memory }: Customer): Adjustment[] {
  return memory.corrections.made;
}

/** Payments that nobody has given back. */
function standing({ memory }: Customer): Withdrawal[] {
  return memory.withdrawals.made.filter(({ isReversing }) => !isReversing);
}

function reversed({ memory }: Customer): Withdrawal[] {
  return memory.withdrawals.reversals;
}
