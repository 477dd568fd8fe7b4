import type { Read } from '../../support/http/client.js';
import { type Kopecks, printKopecks, readJson, sum } from '../support/kopecks.js';
import type { AccrualAnswers } from '../support/accrual-answers.js';
import type { Answer } from './retrying-client.js';
import { type ShownOrder, type Upload, Uploads } from './uploads.js';
import { type ShownWithdrawal, type Withdrawal, Withdrawals } from './withdrawals.js';

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

/** All that one customer asked for and was told; every read is compared with it. */
export class Memory {
  readonly uploads: Uploads;
  readonly withdrawals: Withdrawals;
  /** As the last balance said. */
  shown: ShownBalance = { current: 0n, withdrawn: 0n };
  /** The most that any balance said. */
  #earned: Kopecks = 0n;
  #withdrawn: Kopecks = 0n;

  /** @param complain gets a sentence for each broken promise. */
  constructor(
    answers: AccrualAnswers,
    private readonly complain: (sentence: string) => void,
  ) {
    this.uploads = new Uploads(answers, complain);
    this.withdrawals = new Withdrawals(complain);
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

  /** Checks the answer to a read that was sent at `mark`; what was sent since may show or not. */
  check(read: Read, mark: Mark, { status, text }: Answer): void {
    if (status !== 200 && (status !== 204 || read === 'balance'))
      return this.complain(`GET ${read} was answered ${status}`);
    let shown: unknown;
    try {
      shown = status === 204 ? [] : readJson(text);
    } catch (error) {
      return this.complain(
        `GET ${read} cannot be read: ${error as Error} in ${text.slice(0, 300)}`,
      );
    }
    if (read === 'balance') this.#checkBalance(mark, shown as ShownBalance);
    else if (read === 'orders') this.#checkOrders(mark, shown as ShownOrder[]);
    else this.#checkWithdrawals(mark, shown as ShownWithdrawal[]);
  }

  /** When nothing is under way any more and everything was read again: no bounds, but sums. */
  checkExactly(): void {
    for (const { number, shown } of this.uploads.owned)
      if (shown?.status !== 'PROCESSED' && shown?.status !== 'INVALID')
        this.complain(`order ${number} is still ${shown?.status ?? 'not listed'} in the end`);
    const earned = sum(this.uploads.owned.map(({ final }) => final.kopecks));
    const spent = this.withdrawals.atLeast;
    const should = { current: earned - spent, withdrawn: spent };
    if (print(this.shown) !== print(should))
      this.complain(`in the end ${print(this.shown)}, not ${print(should)}`);
  }

  #checkBalance(mark: Mark, shown: ShownBalance): void {
    const { current, withdrawn } = shown;
    const earned = current + withdrawn;
    const [orders, withdrawals] = [this.uploads.atMost, this.withdrawals.atMost];
    const complain = (isWrong: boolean, what: string, bound: Kopecks): void => {
      if (isWrong) this.complain(`${print(shown)}, ${what}: ${printKopecks(bound)}`);
    };
    complain(current < 0n || withdrawn < 0n, 'less than', 0n);
    complain(earned < mark.earned, 'less than what had come in before', mark.earned);
    complain(earned > orders, 'more than all orders that were sent', orders);
    complain(withdrawn < mark.withdrawn, 'less withdrawn than before', mark.withdrawn);
    complain(withdrawn > withdrawals, 'more withdrawn than may stand', withdrawals);
    this.shown = shown;
    this.#earned = larger(this.#earned, earned);
    this.#withdrawn = larger(this.#withdrawn, withdrawn);
  }

  /** An order becomes PROCESSED when its points arrive: lists and balances must agree. */
  #checkOrders(mark: Mark, list: ShownOrder[]): void {
    const credited = this.uploads.check(mark.owned, list);
    const before = printKopecks(mark.earned);
    if (credited < mark.earned)
      this.complain(
        `the orders show ${printKopecks(credited)} points, before there were ${before}`,
      );
  }

  #checkWithdrawals(mark: Mark, list: ShownWithdrawal[]): void {
    const spent = this.withdrawals.check(mark.made, list);
    const before = printKopecks(mark.withdrawn);
    if (spent < mark.withdrawn)
      this.complain(`the withdrawals sum up to ${printKopecks(spent)}, before to ${before}`);
  }
}

function print({ current, withdrawn }: ShownBalance): string {
  return `the balance is ${printKopecks(current)} with ${printKopecks(withdrawn)} withdrawn`;
}

function larger(a: Kopecks, b: Kopecks): Kopecks {
  return a > b ? a : b;
}
