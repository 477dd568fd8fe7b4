import { parse } from 'lossless-json';
import { type Kopecks, printKopecks, readKopecks, sum } from '../../support/kopecks.js';
import type { AccrualTruth } from '../accrual/truth.js';
import type { Answer } from './client.js';
import { type ShownOrder, type Upload, Uploads } from './uploads.js';
import { type ShownWithdrawal, type Withdrawal, Withdrawals } from './withdrawals.js';

export const READS = {
  orders: '/api/user/orders',
  balance: '/api/user/balance',
  withdrawals: '/api/user/withdrawals',
} as const;

export type Read = keyof typeof READS;

interface ShownBalance {
  readonly current: Kopecks;
  readonly withdrawn: Kopecks;
}

/** What was certain when a read was sent: its answer must not fall behind that. */
export interface Mark {
  readonly owned: readonly Upload[];
  readonly made: readonly Withdrawal[];
  readonly earned: Kopecks;
  readonly withdrawn: Kopecks;
}

/** All that one customer asked for and was told; holds every read against it. */
export class Memory {
  readonly uploads: Uploads;
  readonly withdrawals: Withdrawals;
  /** As the last balance said. */
  current: Kopecks = 0n;
  withdrawn: Kopecks = 0n;
  #earned: Kopecks = 0n;
  #withdrawn: Kopecks = 0n;

  /** @param accuse gets a sentence for each broken promise. */
  constructor(
    truth: AccrualTruth,
    private readonly accuse: (sentence: string) => void,
  ) {
    this.uploads = new Uploads(truth, accuse);
    this.withdrawals = new Withdrawals(accuse);
  }

  /** Points that certainly came in, spent or not. */
  get earnedAtLeast(): Kopecks {
    return larger(this.#earned, this.uploads.credited);
  }

  mark(): Mark {
    return {
      owned: this.uploads.owned,
      made: this.withdrawals.made,
      earned: this.earnedAtLeast,
      withdrawn: larger(this.#withdrawn, this.withdrawals.atLeast),
    };
  }

  /**
   * Checks the answer to a read that was sent when `mark` was made; what was sent since may show,
   * or not yet.
   */
  check(read: Read, mark: Mark, { status, body }: Answer): void {
    if (status !== 200 && (status !== 204 || read === 'balance'))
      return this.accuse(`the ${read} were answered ${status}`);
    let shown: unknown;
    try {
      shown = status === 204 ? [] : parse(body, undefined, readKopecks);
    } catch (error) {
      return this.accuse(`the ${read} cannot be read: ${String(error)} in ${body.slice(0, 300)}`);
    }
    if (read === 'balance') this.#checkBalance(mark, shown as ShownBalance);
    else if (read === 'orders') this.#checkOrders(mark, shown as ShownOrder[]);
    else this.#checkWithdrawals(mark, shown as ShownWithdrawal[]);
  }

  /**
   * When nothing is under way any more and everything was read again: no "at least" and "at most"
   * is left.
   */
  checkExactly(): void {
    const unfinished = this.uploads.owned.filter(
      ({ shown }) => shown?.status !== 'PROCESSED' && shown?.status !== 'INVALID',
    );
    for (const { number, shown } of unfinished)
      this.accuse(`order ${number} is still ${shown?.status ?? 'not listed'} in the end`);
    const [earned, spent] = [
      sum(this.uploads.owned.map(({ truth }) => truth.kopecks)),
      this.withdrawals.atLeast,
    ];
    if (this.withdrawn === spent && this.current + this.withdrawn === earned) return;
    const balance = `the last balance of ${printKopecks(this.current)} with ${printKopecks(this.withdrawn)} withdrawn`;
    this.accuse(
      `${balance} should be ${printKopecks(earned - spent)} with ${printKopecks(spent)} withdrawn`,
    );
  }

  #checkBalance(mark: Mark, { current, withdrawn }: ShownBalance): void {
    const balance = `the balance of ${printKopecks(current)} with ${printKopecks(withdrawn)} withdrawn`;
    const earned = current + withdrawn;
    if (current < 0n || withdrawn < 0n) this.accuse(`${balance} is negative`);
    if (earned < mark.earned)
      this.accuse(
        `${balance} falls behind the ${printKopecks(mark.earned)} that had come in before`,
      );
    const { atMost } = this.uploads;
    if (earned > atMost)
      this.accuse(`${balance} exceeds the ${printKopecks(atMost)} of all orders that were sent`);
    if (withdrawn < mark.withdrawn)
      this.accuse(`${balance} lacks some of the ${printKopecks(mark.withdrawn)} withdrawn before`);
    const { atMost: spent } = this.withdrawals;
    if (withdrawn > spent)
      this.accuse(
        `${balance} exceeds the ${printKopecks(spent)} of all withdrawals that may stand`,
      );
    this.current = current;
    this.withdrawn = withdrawn;
    this.#earned = larger(this.#earned, earned);
    this.#withdrawn = larger(this.#withdrawn, withdrawn);
  }

  /**
   * An order becomes PROCESSED in the moment in which its points arrive: lists and balances must
   * not contradict each other.
   */
  #checkOrders(mark: Mark, list: ShownOrder[]): void {
    const credited = this.uploads.check(mark.owned, list);
    if (credited < mark.earned) {
      this.accuse(
        `the orders show ${printKopecks(credited)} points, but ${printKopecks(mark.earned)} had come in before`,
      );
    }
  }

  #checkWithdrawals(mark: Mark, list: ShownWithdrawal[]): void {
    const spent = this.withdrawals.check(mark.made, list);
    if (spent < mark.withdrawn) {
      this.accuse(
        `the withdrawals sum up to ${printKopecks(spent)}, but ${printKopecks(mark.withdrawn)} were withdrawn before`,
      );
    }
  }
}

function larger(a: Kopecks, b: Kopecks): Kopecks {
  return a > b ? a : b;
}
