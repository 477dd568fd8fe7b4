import { setTimeout as pause } from 'node:timers/promises';
import { type Kopecks, printKopecks } from '../../support/kopecks.js';
import type { Random } from '../../support/random.js';
import type { Customer } from './customer.js';
import type { Read } from './memory.js';
import { mistyped, Numbers } from './numbers.js';
import type { Withdrawal } from './withdrawals.js';

/**
 * Customers come one after another, in milliseconds, so that some have to register while things
 * break.
 */
const COMING_MS = 6_000;

const THINKING_MS = 500;

/** What a customer does, and how often; one of them is drawn at each step. */
const HABITS = {
  uploads: 26,
  'the same upload at once': 5,
  'a contested upload': 7,
  'an upload again': 5,
  'a mistyped upload': 2,
  'a withdrawal': 14,
  'the same withdrawal at once': 6,
  'more withdrawals than points': 7,
  'the last kopeck': 3,
  'a withdrawal beyond the balance': 5,
  'a withdrawal again': 4,
  'a refused withdrawal again': 4,
  'a contested withdrawal': 5,
  'another sum for a paid number': 2,
  'an impossible sum': 2,
  'a look': 22,
  'another log-in': 1,
} as const;

type Habit = keyof typeof HABITS;

/**
 * One customer's life: step after step from its own stream of draws; within a step calls go out at
 * once.
 */
export class Habits {
  readonly #steps: Record<Habit, () => Promise<unknown>> = {
    uploads: () => this.#atOnce(this.random.integer(1, 4), () => this.#upload()),
    'the same upload at once': () => this.#sameUploadAtOnce(),
    'a contested upload': () => this.#contestedUpload(),
    'an upload again': () => this.#uploadAgain(),
    'a mistyped upload': () =>
      this.customer.expectRefusal(
        '/api/user/orders',
        mistyped(this.numbers.next()),
        'text/plain',
        422,
      ),
    'a withdrawal': () => this.#withdraw(this.#share(this.random.integer(1, 60))),
    'the same withdrawal at once': () =>
      this.#withdraw(this.#share(this.random.integer(1, 80)), this.random.integer(2, 4)),
    'more withdrawals than points': () =>
      this.#atOnce(this.random.integer(2, 4), () =>
        this.#withdraw(this.#share(this.random.integer(40, 70))),
      ),
    'the last kopeck': () => this.#withdraw(this.customer.memory.current),
    'a withdrawal beyond the balance': () =>
      this.#withdraw(this.customer.memory.uploads.atMost + 1n),
    'a withdrawal again': () => this.#again(this.customer.memory.withdrawals.made),
    'a refused withdrawal again': () => this.#again(this.customer.memory.withdrawals.refused),
    'a contested withdrawal': () => this.#contestedWithdrawal(),
    'another sum for a paid number': () => this.#anotherSum(),
    'an impossible sum': () => this.#impossibleSum(),
    'a look': () => Promise.resolve(),
    'another log-in': () => this.customer.logIn(),
  };

  /**
   * Of the step under way: what a step draws must not depend on how many draws the steps before it
   * were worth.
   */
  private random: Random;
  private numbers: Numbers;

  constructor(
    private readonly customer: Customer,
    private readonly life: Random,
    /** Digits that no other customer has, always as many. */
    private readonly prefix: string,
    /** All customers, whose numbers may be contested. */
    private readonly everybody: readonly Customer[],
  ) {
    [this.random, this.numbers] = this.#draws(0);
  }

  /** Lives until `over`; what has been begun is finished. @throws GaveUp */
  async live(over: AbortSignal): Promise<void> {
    await pause(this.random.integer(0, COMING_MS), undefined, { signal: over }).catch(
      () => undefined,
    );
    await this.customer.register();
    for (let step = 1; !over.aborted; step++) {
      [this.random, this.numbers] = this.#draws(step);
      // One read at a time, so that each can be held against the one before; it races with the
      // step's writes.
      const read = this.#read();
      const thinkingMs = this.random.integer(THINKING_MS / 10, THINKING_MS);
      await Promise.all([this.#steps[this.random.weighted(HABITS)](), read]);
      await this.#read();
      await pause(thinkingMs, undefined, { signal: over }).catch(() => undefined);
    }
  }

  #draws(step: number): [Random, Numbers] {
    const random = this.life.fork(`step ${step}`);
    return [
      random,
      new Numbers(random.fork('numbers'), `${this.prefix}${step.toString().padStart(5, '0')}`),
    ];
  }

  #read(): Promise<void> {
    return this.customer.read(
      this.random.weighted<Read>({ balance: 4, orders: 3, withdrawals: 3 }),
    );
  }

  async #upload(): Promise<void> {
    await this.customer.upload(this.numbers.next());
  }

  async #sameUploadAtOnce(): Promise<void> {
    const number = this.numbers.next();
    await this.#atOnce(this.random.integer(2, 4), () => this.customer.upload(number));
  }

  async #contestedUpload(): Promise<void> {
    const rival = this.#rival();
    if (!rival) return;
    const number = this.numbers.next();
    const uploads = await Promise.all([
      this.customer.upload(number, true),
      rival.upload(number, true),
    ]);
    const owners = uploads.filter(({ ownedAt }) => ownedAt !== undefined).length;
    if (owners !== 1)
      this.customer.accuse(`order ${number}, uploaded by ${rival.login} too, has ${owners} owners`);
  }

  async #uploadAgain(): Promise<void> {
    const { owned, foreign } = this.customer.memory.uploads;
    if (owned.length + foreign.length === 0) return;
    const { number, isContested } = this.random.pick(
      foreign.length > 0 && this.random.chance(0.3) ? foreign : [...owned, ...foreign],
    );
    await this.customer.upload(number, isContested);
  }

  async #withdraw(sum: Kopecks, calls = 1): Promise<void> {
    if (sum <= 0n) return;
    const number = this.#payee();
    await this.#atOnce(calls, () => this.customer.withdraw(number, sum, this.#token(sum)));
  }

  async #again(withdrawals: readonly Withdrawal[]): Promise<void> {
    if (withdrawals.length === 0) return;
    const { number, sum, isContested } = this.random.pick(withdrawals);
    await this.customer.withdraw(number, sum, this.#token(sum), isContested);
  }

  async #contestedWithdrawal(): Promise<void> {
    const rival = this.#rival();
    const number = this.#payee();
    const sums = [this.#share(10), rival ? rival.memory.current / 10n : 0n] as const;
    if (!rival || sums[0] <= 0n || sums[1] <= 0n) return;
    const [mine, theirs] = await Promise.all([
      this.customer.withdraw(number, sums[0], printKopecks(sums[0]), true),
      rival.withdraw(number, sums[1], printKopecks(sums[1]), true),
    ]);
    if (mine.paidAt !== undefined && theirs.paidAt !== undefined) {
      this.customer.accuse(
        `the withdrawal for ${number} was answered 200 to ${rival.login} as well`,
      );
    }
  }

  async #anotherSum(): Promise<void> {
    const { made } = this.customer.memory.withdrawals;
    if (made.length === 0) return;
    const { number, sum } = this.random.pick(made);
    const token = printKopecks(sum + 1n);
    const { status } = await this.customer.pay(number, token);
    if (status !== 409)
      this.customer.accuse(
        `${token} for ${number}, paid with ${printKopecks(sum)}, was answered ${status}`,
      );
  }

  #impossibleSum(): Promise<void> {
    const token = this.random.pick(['0', '-1', '0.001', '1e14', '10000000000000.01']);
    const body = `{"order":"${this.numbers.next()}","sum":${token}}`;
    return this.customer.expectRefusal('/api/user/balance/withdraw', body, 'application/json', 422);
  }

  /** So many per cent of what the last balance showed. */
  #share(percent: number): Kopecks {
    return (this.customer.memory.current * BigInt(percent)) / 100n;
  }

  /** Payments are not compared with uploads: the same number may be both. */
  #payee(): string {
    const { owned } = this.customer.memory.uploads;
    const number = this.numbers.next();
    const uploaded =
      this.random.chance(0.1) && owned.length > 0 ? this.random.pick(owned).number : number;
    const isTaken = this.customer.memory.withdrawals.has(uploaded);
    return isTaken ? number : uploaded;
  }

  #token(sum: Kopecks): string {
    const fixed = printKopecks(sum);
    return this.random.pick([fixed, fixed.replace(/\.?0+$/, ''), `${sum}e-2`]);
  }

  #rival(): Customer | undefined {
    const rivals = this.everybody.filter((each) => each !== this.customer && each.isSignedIn);
    return rivals.length === 0 ? undefined : this.random.pick(rivals);
  }

  async #atOnce(calls: number, call: () => Promise<unknown>): Promise<void> {
    await Promise.all(Array.from({ length: calls }, call));
  }
}
