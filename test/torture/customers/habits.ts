import { setTimeout as pause } from 'node:timers/promises';
import { OrderNumber } from '../../../src/kernel/domain/order-number.js';
import * as api from '../../support/http/client.js';
import { type Kopecks, printKopecks } from '../support/kopecks.js';
import type { Random } from '../support/random.js';
import { type Customer, PAGED } from './customer.js';
import type { Withdrawal } from './memory/withdrawals.js';

/** All customers have come after this time: some of them register while things break. */
const COMING_MS = 6_000;
const THINKING_MS = 500;

/** How many lines a page has. */
const PAGES = [2, 5, 20, 100] as const;

/** What a customer does, and how often. */
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
  'a look by an older token': 3,
  'another log-in': 1,
  'a log-out': 3,
  'a new password': 2,
} as const;

/** Steps of one customer, from its own stream of draws; within a step calls go out at once. */
export class Habits {
  /** Of the step under way: what it draws must not depend on how many draws others were worth. */
  private random: Random;
  #step = 0;
  #numbers = 0;

  constructor(
    private readonly customer: Customer,
    private readonly life: Random,
    /** Digits that no other customer has, always as many. */
    private readonly prefix: string,
    /** All customers, whose numbers may be contested. */
    private readonly everybody: readonly Customer[],
  ) {
    this.random = life;
  }

  /** Goes on until `over`; what has been begun is finished. @throws GaveUp */
  async live(over: AbortSignal): Promise<void> {
    const rest = (ms: number): Promise<void> =>
      pause(ms, undefined, { signal: over }).catch(() => undefined);
    await rest(this.random.integer(0, COMING_MS));
    await this.customer.register();
    while (!over.aborted) {
      this.random = this.life.fork(`step ${++this.#step}`);
      this.#numbers = 0;
      const thinkingMs = this.random.integer(THINKING_MS / 10, THINKING_MS);
      // One read at a time, so that each can be compared with the one before; it races with the
      // step's writes.
      const read = this.#read();
      await Promise.all([this.#act(this.random.weighted(HABITS)), read]);
      await this.#read();
      await rest(thinkingMs);
    }
  }

  #act(habit: keyof typeof HABITS): Promise<unknown> {
    const { customer, random } = this;
    const { memory } = customer;
    switch (habit) {
      case 'uploads':
        return this.#atOnce(1, 4, () => customer.upload(this.#number()));
      case 'the same upload at once': {
        const number = this.#number();
        return this.#atOnce(2, 4, () => customer.upload(number));
      }
      case 'a contested upload':
        return this.#contestedUpload();
      case 'an upload again':
        return this.#uploadAgain();
      case 'a mistyped upload': {
        // Luhn's check finds every single digit that is wrong.
        const number = this.#number().replace(/\d$/, (digit) => `${(Number(digit) + 1) % 10}`);
        return customer.expectRefusal(api.upload(number), 422);
      }
      case 'a withdrawal':
        return this.#withdraw(this.#share(random.integer(1, 60)));
      case 'the same withdrawal at once':
        return this.#withdraw(this.#share(random.integer(1, 80)), random.integer(2, 4));
      case 'more withdrawals than points':
        return this.#atOnce(2, 4, () => this.#withdraw(this.#share(random.integer(40, 70))));
      case 'the last kopeck':
        return this.#withdraw(memory.shown.current);
      case 'a withdrawal beyond the balance':
        return this.#withdraw(memory.beyond);
      case 'a withdrawal again':
        return this.#again(memory.withdrawals.made);
      case 'a refused withdrawal again':
        return this.#again(memory.withdrawals.refused);
      case 'a contested withdrawal':
        return this.#contestedWithdrawal();
      case 'another sum for a paid number': {
        const { made } = memory.withdrawals;
        if (made.length === 0) return Promise.resolve();
        const { number, sum } = random.pick(made);
        return customer.expectRefusal(api.withdraw(number, printKopecks(sum + 1n)), 409);
      }
      case 'an impossible sum': {
        const sum = random.pick(['0', '-1', '0.001', '1e14', '10000000000000.01']);
        return customer.expectRefusal(api.withdraw(this.#number(), sum), 422);
      }
      case 'a look':
        return Promise.resolve();
      case 'a look by an older token': {
        const { all } = customer.sessions;
        return all.length > 0 ? customer.tryOut(random.pick(all)) : Promise.resolve();
      }
      case 'another log-in':
        return customer.logIn();
      case 'a log-out':
        return customer.logOut();
      case 'a new password':
        return customer.changePassword();
    }
  }

  #read(): Promise<void> {
    const { customer, random } = this;
    return random.chance(0.1)
      ? customer.readPages(random.pick(PAGED), random.pick(PAGES))
      : customer.read(random.pick(api.READS));
  }

  async #contestedUpload(): Promise<void> {
    const rival = this.#rival();
    if (!rival) return;
    const number = this.#number();
    const both = [this.customer, rival].map((each) => each.upload(number, true));
    const owners = (await Promise.all(both)).filter(({ ownedAt }) => ownedAt !== undefined).length;
    if (owners !== 1)
      this.customer.complain(`order ${number}, of ${rival.login} too, has ${owners} owners`);
  }

  async #uploadAgain(): Promise<void> {
    const { owned, foreign } = this.customer.memory.uploads;
    if (owned.length + foreign.length === 0) return;
    const isForeign = foreign.length > 0 && this.random.chance(0.3);
    const { number, isContested } = this.random.pick(isForeign ? foreign : [...owned, ...foreign]);
    await this.customer.upload(number, isContested);
  }

  async #withdraw(sum: Kopecks, calls = 1): Promise<void> {
    if (sum <= 0n) return;
    const number = this.#payee();
    await this.#atOnce(calls, calls, () => this.customer.withdraw(number, sum, this.#token(sum)));
  }

  async #again(withdrawals: readonly Withdrawal[]): Promise<void> {
    if (withdrawals.length === 0) return;
    const { number, sum, isContested } = this.random.pick(withdrawals);
    await this.customer.withdraw(number, sum, this.#token(sum), isContested);
  }

  async #contestedWithdrawal(): Promise<void> {
    const rival = this.#rival();
    const [number, mine] = [this.#payee(), this.#share(10)];
    const theirs = (rival?.memory.shown.current ?? 0n) / 10n;
    if (!rival || mine <= 0n || theirs <= 0n) return;
    const both = await Promise.all([
      this.customer.withdraw(number, mine, printKopecks(mine), true),
      rival.withdraw(number, theirs, printKopecks(theirs), true),
    ]);
    if (both.every(({ paidAt }) => paidAt !== undefined))
      this.customer.complain(`the withdrawal for ${number} was answered 200 to ${rival.login} too`);
  }

  /** So many per cent of what the last balance showed. */
  #share(percent: number): Kopecks {
    return (this.customer.memory.shown.current * BigInt(percent)) / 100n;
  }

  /** Payments are not compared with uploads: the same number may be both. */
  #payee(): string {
    const { uploads, withdrawals } = this.customer.memory;
    const number = this.#number();
    const isUploaded = this.random.chance(0.1) && uploads.owned.length > 0;
    const payee = isUploaded ? this.random.pick(uploads.owned).number : number;
    return withdrawals.of(payee) ? number : payee;
  }

  #token(sum: Kopecks): string {
    const fixed = printKopecks(sum);
    return this.random.pick([fixed, fixed.replace(/\.?0+$/, ''), `${sum}e-2`]);
  }

  #rival(): Customer | undefined {
    const rivals = this.everybody.filter((each) => each !== this.customer && each.isSignedIn);
    return rivals.length === 0 ? undefined : this.random.pick(rivals);
  }

  /** A number that no other customer draws: short or very long, some with leading zeros. */
  #number(): string {
    const place = `${this.#step}`.padStart(5, '0') + `${this.#numbers++}`.padStart(2, '0');
    const unique = this.prefix + place;
    const length = this.random.weighted({ short: 90, long: 9, longest: 1 });
    const [short, long] = [this.random.integer(0, 6), this.random.integer(20, 200)];
    const filling = { short, long, longest: 999 - unique.length }[length];
    // The unique part is last and always as long: two numbers cannot meet by their fillings.
    return OrderNumber.withCheckDigit(`${this.random.digits(filling)}${unique}`).value;
  }

  async #atOnce(from: number, to: number, call: () => Promise<unknown>): Promise<void> {
    await Promise.all(Array.from({ length: this.random.integer(from, to) }, call));
  }
}
