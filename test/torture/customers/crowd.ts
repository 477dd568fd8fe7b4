import { setMaxListeners } from 'node:events';
import type { Findings } from '../findings.js';
import type { Random } from '../support/random.js';
import type { AccrualAnswers } from '../support/accrual-answers.js';
import { Customer } from './customer.js';
import type { Deployment } from '../support/deployment.js';
import { checkBooks, checkCustomer } from './final-checks.js';
import { Habits } from './habits.js';
import { GaveUp, RetryingClient } from './retrying-client.js';

/** After the last disturbance all calls must be answered, and the queue be empty, within this. */
const ANSWERED_WITHIN_MS = 40_000;
const QUIET_WITHIN_MS = 45_000;
const CHECKED_WITHIN_MS = 60_000;

export interface Circumstances {
  readonly deployment: Deployment;
  readonly answers: AccrualAnswers;
  readonly findings: Findings;
  readonly random: Random;
  /** Aborted when the user stops the run. */
  readonly stopping: AbortSignal;
}

/** Customers who come and live together, and whose books are checked when all is over. */
export class Crowd {
  readonly #customers: Customer[] = [];
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
  }

  /** They act until `over`; what they have begun they finish. */
  live(over: AbortSignal): void {
    this.#lives = Promise.allSettled(this.#habits.map((each) => each.live(over)));
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
      this.#customers[i]?.complain(`${end.reason.message} ${late}`);
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
      for (const each of this.#customers) await checkCustomer(each, deployment.urls, stopping);
    clearTimeout(deadline);
    await checkBooks(deployment, this.#customers, findings, stopping);
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
