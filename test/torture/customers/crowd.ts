import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import type { Findings } from '../findings.js';
import type { Random } from '../support/random.js';
import type { AccrualAnswers } from '../support/accrual-answers.js';
import { Clerk } from './clerk.js';
import { Customer } from './customer.js';
import { Desk } from './desk.js';
import type { Deployment } from '../support/deployment.js';
import { checkBooks, checkCustomer } from './final-checks.js';
import { Habits } from './habits.js';
import { GaveUp, RetryingClient } from './retrying-client.js';

/** After the last disturbance all calls must be answered, and the queue be empty, within this. */
const ANSWERED_WITHIN_MS = 40_000;
const QUIET_WITHIN_MS = 45_000;
const CHECKED_WITHIN_MS = 60_000;
/** One after another they would wait for most of the time. */
const CHECKED_AT_ONCE = 6;

/** Operators beside them: several, so that they meet. */
const CLERKS = 3;

export interface Circumstances {
  readonly deployment: Deployment;
  readonly answers: AccrualAnswers;
  readonly findings: Findings;
  readonly random: Random;
  /** Aborted when the user stops the run. */
  readonly stopping: AbortSignal;
}

/** Customers who live together, beside operators, and whose books are checked when all is over. */
export class Crowd {
  readonly #customers: Customer[] = [];
  readonly #clerks: readonly Clerk[];
  readonly #habits: readonly Habits[];
  readonly #client: RetryingClient;
  readonly #givingUp = new AbortController();
  #lives: Promise<PromiseSettledResult<void>[]> = Promise.resolve([]);

  /** @param number of the crowd, from 1: two crowds have no login and no order in common. */
  constructor(
    private readonly circumstances: Circumstances,
    number: number,
    size: number,
  ) {
    const { deployment, answers, findings, random, stopping } = circumstances;
    const over = anyOf(this.#givingUp.signal, stopping);
    this.#client = new RetryingClient(deployment.urls, findings, over);
    this.#habits = Array.from({ length: size }, (_, i) => {
      const own = random.fork(`customer ${i}`);
      const login = `customer ${number}-${i}`;
      const customer = new Customer(login, own.fork('calls'), this.#client, findings, answers);
      this.#customers.push(customer);
      const prefix = `${number}`.padStart(4, '0') + `${i}`.padStart(3, '0');
      return new Habits(customer, own, prefix, this.#customers);
    });
    this.#clerks = Array.from({ length: CLERKS }, (_, i) => {
      const own = random.fork(`clerk ${i}`);
      const name = `clerk ${number}-${i}`;
      const desk = new Desk(name, deployment.operator, own.fork('desk'), findings, over);
      return new Clerk(desk, own, this.#customers);
    });
  }

  /** They act until `over`; what they have begun they finish. */
  live(over: AbortSignal): void {
    const all = [...this.#habits, ...this.#clerks];
    this.#lives = Promise.allSettled(all.map((each) => each.live(over)));
  }

  /** To be called when nothing disturbs the service any more. */
  async untilAnswered(): Promise<void> {
    const deadline = setTimeout(() => this.#givingUp.abort(), ANSWERED_WITHIN_MS);
    const ends = await this.#lives;
    clearTimeout(deadline);
    if (this.circumstances.stopping.aborted) return;
    ends.forEach((end, i) => {
      if (end.status === 'fulfilled') return;
      if (!(end.reason instanceof GaveUp)) throw end.reason;
      const late = `${ANSWERED_WITHIN_MS} ms after the last disturbance`;
      const who = this.#customers[i]?.login ?? 'an operator';
      this.circumstances.findings.violation(`${who}: ${end.reason.message} ${late}`);
    });
  }

  /** Waits until all orders are settled. */
  untilQuiet(): Promise<void> {
    return this.circumstances.deployment.untilQuiet(QUIET_WITHIN_MS);
  }

  /** Through the API and past it: to be called when all is quiet. */
  async check(): Promise<void> {
    const { deployment, findings, stopping } = this.circumstances;
    const deadline = setTimeout(() => this.#givingUp.abort(), CHECKED_WITHIN_MS);
    // Where calls went unanswered before, one more customer without an answer tells nothing new.
    if (!this.#givingUp.signal.aborted)
      await pLimit(CHECKED_AT_ONCE).map(this.#customers, (each) =>
        checkCustomer(each, deployment.urls, stopping),
      );
    clearTimeout(deadline);
    const crowd = { customers: this.#customers, desks: this.#clerks.map(({ desk }) => desk) };
    await checkBooks(deployment, crowd, findings, stopping);
  }

  close(): void {
    this.#client.close();
  }
}

/** Dozens of customers listen to it. */
export function anyOf(...signals: AbortSignal[]): AbortSignal {
  const signal = AbortSignal.any(signals);
  setMaxListeners(0, signal);
  return signal;
}
