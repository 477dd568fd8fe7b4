import type { Read } from '../../../support/http/client.js';
import { type Kopecks, printKopecks, readJson, sum } from '../../support/kopecks.js';
import type { AccrualAnswers } from '../../support/accrual-answers.js';
import type { Answer } from '../retrying-client.js';
import { type Adjustment, Corrections } from './corrections.js';
import { checkHistory, type ShownEntry } from './history.js';
import { type ShownOrder, type Upload, Uploads } from './uploads.js';
import { type ShownWithdrawal, type Withdrawal, Withdrawals } from './withdrawals.js';

interface ShownBalance {
  readonly current: Kopecks;
  readonly withdrawn: Kopecks;
}

/** What was certain when a call was sent: its answer must not fall behind that. */
export interface Mark {
  readonly owned: readonly Upload[];
  readonly rewarded: readonly Upload[];
  readonly made: readonly Withdrawal[];
  readonly reversals: readonly Withdrawal[];
  readonly adjusted: readonly Adjustment[];
  /** The points that orders have brought in. */
  readonly earned: Kopecks;
  /** What operators have given, taken, and given back of withdrawals. */
  readonly given: Kopecks;
  readonly taken: Kopecks;
  readonly gaveBack: Kopecks;
  /** With what was given back. */
  readonly withdrawn: Kopecks;
}

/** All that one customer asked for and was told; every read is compared with it. */
export class Memory {
  readonly uploads: Uploads;
  readonly withdrawals: Withdrawals;
  readonly corrections = new Corrections();
  /** As the last balance said. */
  shown: ShownBalance = { current: 0n, withdrawn: 0n };
  /** The most that any balance proved. */
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

  mark(): Mark {
    const { uploads, withdrawals, corrections } = this;
    return {
      owned: uploads.owned,
      rewarded: uploads.rewarded,
      made: withdrawals.made,
      reversals: withdrawals.reversals,
      adjusted: corrections.made,
      earned: larger(this.#earned, uploads.credited),
      given: corrections.given,
      taken: corrections.taken,
      gaveBack: withdrawals.gaveBack,
      withdrawn: larger(this.#withdrawn, withdrawals.atLeast),
    };
  }

  /**
   * Points that were there, or spent, when a call was sent.
   *
   * @param without leaves out what was asked for itself.
   */
  atLeast({ earned, given, gaveBack }: Mark, without?: Adjustment): Kopecks {
    return earned + given + gaveBack - this.corrections.takenAtMost(without);
  }

  /** More than the customer has, whatever is under way. */
  get beyond(): Kopecks {
    return this.uploads.atMost + this.corrections.givenAtMost + 1n;
  }

  /** Checks the answer to a read that was sent at `mark`; what was sent since may show or not. */
  check(read: Read | 'balance/history', mark: Mark, { status, text }: Answer): void {
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
    else if (read === 'withdrawals') this.#checkWithdrawals(mark, shown as ShownWithdrawal[]);
    else checkHistory(this, mark, shown as ShownEntry[], this.complain);
  }

  /** When nothing is under way any more and everything was read again: no bounds, but sums. */
  checkExactly(): void {
    for (const { number, shown } of this.uploads.owned)
      if (shown?.status !== 'PROCESSED' && shown?.status !== 'INVALID')
        this.complain(`order ${number} is still ${shown?.status ?? 'not listed'} in the end`);
    const { uploads, withdrawals, corrections } = this;
    for (const { key } of corrections.uncertain) this.complain(`nobody knows what came of ${key}`);
    const earned = sum(uploads.owned.map(({ final }) => final.kopecks));
    const spent = withdrawals.atLeast - withdrawals.gaveBack;
    const adjusted = corrections.given - corrections.taken;
    const should = { current: earned + adjusted - spent, withdrawn: spent };
    if (print(this.shown) !== print(should))
      this.complain(`in the end ${print(this.shown)}, not ${print(should)}`);
  }

  #checkBalance(mark: Mark, shown: ShownBalance): void {
    const { uploads, withdrawals, corrections } = this;
    const { current, withdrawn } = shown;
    const earned = current + withdrawn;
    const least = mark.earned + mark.given - corrections.takenAtMost();
    const adjustedAtMost = corrections.givenAtMost - mark.taken;
    const most = uploads.atMost + adjustedAtMost;
    const spentAtLeast = mark.withdrawn - withdrawals.gaveBackAtMost;
    const spentAtMost = withdrawals.atMost - mark.gaveBack;
    const complain = (isWrong: boolean, what: string, bound: Kopecks): void => {
      if (isWrong) this.complain(`${print(shown)}, ${what}: ${printKopecks(bound)}`);
    };
    complain(current < 0n || withdrawn < 0n, 'less than', 0n);
    complain(earned < least, 'less than what had come in before', least);
    complain(earned > most, 'more than all that may have come in', most);
    complain(withdrawn < spentAtLeast, 'less withdrawn than before', spentAtLeast);
    complain(withdrawn > spentAtMost, 'more withdrawn than may stand', spentAtMost);
    this.shown = shown;
    this.#earned = larger(this.#earned, earned - adjustedAtMost);
    this.#withdrawn = larger(this.#withdrawn, withdrawn + mark.gaveBack);
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
    const spent = this.withdrawals.check(mark, list);
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
