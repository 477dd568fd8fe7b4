import { type Kopecks, printKopecks, sum } from '../../support/kopecks.js';
import type { Answer } from '../retrying-client.js';

export interface ShownWithdrawal {
  readonly order: string;
  readonly sum: Kopecks;
  readonly processed_at: string;
  readonly reversed_at?: string;
}

/** A payment that a customer wants, and all that was said of it. */
export interface Withdrawal {
  readonly number: string;
  readonly sum: Kopecks;
  /** Another customer pays for the same number. */
  readonly isContested: boolean;
  /** Calls without an answer yet. */
  calls: number;
  /** Attempts without an answer: they may have been carried out, or still be. */
  lost: number;
  paidAt?: number;
  /** When the last attempt that was answered 402 went out. */
  refusedAt?: number;
  /** The number is paid otherwise: never again. */
  isImpossible?: boolean;
  /** Its `processed_at` once it was listed. */
  stoodAt?: string;
  /** An operator gives it back. */
  isReversing?: boolean;
  /** When it was certain that it was given back. */
  reversedAt?: number;
}

function mustStand({ paidAt, stoodAt }: Withdrawal): boolean {
  return paidAt !== undefined || stoodAt !== undefined;
}

/**
 * A definite 402 or 409 with no other attempt under way means that it stands nowhere, and that no
 * attempt given up before will make it.
 */
function mayStand(withdrawal: Withdrawal): boolean {
  const { isImpossible, calls, lost } = withdrawal;
  return mustStand(withdrawal) || (isImpossible !== true && (calls > 0 || lost > 0));
}

/** What one customer knows of its payments, and what must therefore be true of every list. */
export class Withdrawals {
  readonly #all = new Map<string, Withdrawal>();

  constructor(private readonly complain: (sentence: string) => void) {}

  /** Before the payment is sent. */
  intend(number: string, amount: Kopecks, isContested = false): Withdrawal {
    const known = this.#all.get(number);
    const withdrawal = known ?? { number, sum: amount, isContested, calls: 0, lost: 0 };
    this.#all.set(number, withdrawal);
    withdrawal.calls++;
    return withdrawal;
  }

  /** @param atLeast points that had certainly come in when it was sent. */
  answered(withdrawal: Withdrawal, answer: Answer, atLeast: Kopecks): void {
    const { status, lost, sentAt } = answer;
    const complain = (what: string): void => this.complain(`${print(withdrawal)} ${what}`);
    withdrawal.calls--;
    withdrawal.lost += lost;
    if (status === 200) {
      if (withdrawal.isImpossible) complain('was answered 200 after 409');
      if (withdrawal.reversedAt !== undefined && withdrawal.reversedAt < sentAt)
        complain('was answered 200 after it had been given back');
      withdrawal.paidAt ??= Date.now();
    } else if (status === 402) {
      if (withdrawal.paidAt !== undefined && withdrawal.paidAt < sentAt)
        complain('was answered 402 after 200');
      const spare = atLeast - this.#atMost(withdrawal);
      if (spare >= withdrawal.sum)
        complain(`was answered 402, though at least ${printKopecks(spare)} were there`);
      withdrawal.refusedAt = Math.max(withdrawal.refusedAt ?? 0, sentAt);
      if (withdrawal.calls === 0) withdrawal.lost = 0;
      this.#checkRefusal(withdrawal);
    } else if (status === 409 && answer.text.includes('"ErrOrderReversed"')) {
      if (!withdrawal.isReversing) complain('was answered that it was given back, by nobody');
      this.reversed(withdrawal);
    } else if (status === 409) {
      if (!withdrawal.isContested) complain('was answered 409, though nobody else paid for it');
      if (mustStand(withdrawal)) complain('was answered 409 after it had been made');
      withdrawal.isImpossible = true;
    } else complain(`was answered ${status}`);
  }

  /** No answer came before the run was over. */
  abandoned(withdrawal: Withdrawal, lost: number): void {
    withdrawal.calls--;
    withdrawal.lost += lost;
  }

  of(number: string): Withdrawal | undefined {
    return this.#all.get(number);
  }

  /** It is given back for certain. */
  reversed(withdrawal: Withdrawal): void {
    withdrawal.reversedAt ??= Date.now();
  }

  /** Lost attempts have been carried out by now, or never will be: the next answer is certain. */
  nothingIsUnderWay(): void {
    for (const each of this.#all.values()) each.lost = 0;
  }

  /** Acknowledged, or listed before: what every list that is asked for from now on must show. */
  get made(): Withdrawal[] {
    return [...this.#all.values()].filter(mustStand);
  }

  /** Neither made nor impossible, and attempts of it were lost. */
  get uncertain(): Withdrawal[] {
    return [...this.#all.values()].filter((each) => mayStand(each) && !mustStand(each));
  }

  get refused(): Withdrawal[] {
    return [...this.#all.values()].filter((each) => !mayStand(each) && each.isImpossible !== true);
  }

  /** Given back for certain. */
  get reversals(): Withdrawal[] {
    return [...this.#all.values()].filter(({ reversedAt }) => reversedAt !== undefined);
  }

  /** The points that came back, and those that may have. */
  get gaveBack(): Kopecks {
    return sum(this.reversals.map((each) => each.sum));
  }

  get gaveBackAtMost(): Kopecks {
    return sum([...this.#all.values()].map((each) => (each.isReversing ? each.sum : 0n)));
  }

  get atLeast(): Kopecks {
    return sum(this.made.map((each) => each.sum));
  }

  get atMost(): Kopecks {
    return this.#atMost();
  }

  /**
   * @param made and `reversals`: what was certain when the list was asked for.
   * @returns the points that the list shows, also those that came back.
   */
  check(
    { made, reversals }: { made: readonly Withdrawal[]; reversals: readonly Withdrawal[] },
    list: readonly ShownWithdrawal[],
  ): Kopecks {
    const listed = new Set(list.map(({ order }) => order));
    const shownBack = new Set(
      list.flatMap(({ order, reversed_at }) => (reversed_at === undefined ? [] : [order])),
    );
    for (const each of reversals)
      if (!shownBack.has(each.number)) this.complain(`${print(each)} is not listed as given back`);
    if (listed.size < list.length)
      this.complain(`the list of withdrawals shows ${list.length - listed.size} of them twice`);
    for (const each of made)
      if (!listed.has(each.number)) this.complain(`${print(each)}, made before, is not listed`);
    list.forEach((each, i) => {
      if (each.processed_at > (list[i - 1]?.processed_at ?? '9'))
        this.complain(`withdrawal ${each.order} is not listed newest first`);
      this.#checkShown(each);
    });
    return sum(list.map((each) => each.sum));
  }

  #checkShown({ order, sum: amount, processed_at: at, reversed_at }: ShownWithdrawal): void {
    const known = this.#all.get(order);
    const complain = (what: string): void =>
      this.complain(
        `a withdrawal of ${printKopecks(amount)} for ${order} at ${at} is listed, ${what}`,
      );
    if (!known) return complain('but this customer never asked for it');
    if (known.sum !== amount) complain(`but the sum asked for was ${printKopecks(known.sum)}`);
    if (!mayStand(known)) complain(`but was answered ${known.isImpossible ? 409 : 402}`);
    if (known.stoodAt !== undefined && known.stoodAt !== at) complain(`before at ${known.stoodAt}`);
    known.stoodAt = at;
    if (reversed_at !== undefined && (!known.isReversing || reversed_at < at))
      complain(`as given back at ${reversed_at}, which nobody has done`);
    this.#checkRefusal(known);
  }

  /** `processed_at` is taken under the account's lock: a refusal sent after it is wrong. */
  #checkRefusal(withdrawal: Withdrawal): void {
    const { stoodAt, refusedAt = -Infinity } = withdrawal;
    if (stoodAt === undefined || Date.parse(stoodAt) >= refusedAt) return;
    const sent = new Date(refusedAt).toISOString();
    this.complain(
      `${print(withdrawal)} was answered 402 to a request of ${sent}, ` +
        `though it stood since ${stoodAt}`,
    );
  }

  #atMost(without?: Withdrawal): Kopecks {
    const possible = [...this.#all.values()].filter((each) => each !== without && mayStand(each));
    return sum(possible.map((each) => each.sum));
  }
}

function print(withdrawal: Withdrawal): string {
  return `the withdrawal of ${printKopecks(withdrawal.sum)} for ${withdrawal.number}`;
}
