import { type Kopecks, printKopecks, sum } from '../../support/kopecks.js';
import type { Answer } from './client.js';

export interface ShownWithdrawal {
  readonly order: string;
  readonly sum: Kopecks;
  readonly processed_at: string;
}

/** A payment that a customer wants, and all that was said of it. */
export interface Withdrawal {
  readonly number: string;
  readonly sum: Kopecks;
  /** Another customer pays for the same number. */
  readonly isContested: boolean;
  /** Calls without an answer yet. */
  calls: number;
  /** Attempts of which nobody knows whether they were, or will yet be, carried out. */
  lost: number;
  paidAt?: number;
  /** When the last attempt that was answered 402 went out. */
  refusedAt?: number;
  /** The number is paid otherwise: never again. */
  isImpossible?: boolean;
  /** Its `processed_at` once it was listed. */
  stoodAt?: string;
}

function mustStand({ paidAt, stoodAt }: Withdrawal): boolean {
  return paidAt !== undefined || stoodAt !== undefined;
}

/**
 * A definite 402 or 409 with no other attempt abroad means that it stands nowhere, and that no
 * attempt given up before will make it.
 */
function mayStand(withdrawal: Withdrawal): boolean {
  const { isImpossible, calls, lost } = withdrawal;
  return mustStand(withdrawal) || (isImpossible !== true && (calls > 0 || lost > 0));
}

/**
 * What one customer knows of its payments, and what must therefore be true of every list of them.
 */
export class Withdrawals {
  readonly #all = new Map<string, Withdrawal>();

  constructor(private readonly accuse: (sentence: string) => void) {}

  /** Before the payment is sent. */
  intend(number: string, amount: Kopecks, isContested = false): Withdrawal {
    const withdrawal = this.#all.get(number) ?? {
      number,
      sum: amount,
      isContested,
      calls: 0,
      lost: 0,
    };
    this.#all.set(number, withdrawal);
    withdrawal.calls++;
    return withdrawal;
  }

  /** @param atLeast points that had certainly come in when it was sent. */
  answered(withdrawal: Withdrawal, { status, lost, sentAt }: Answer, atLeast: Kopecks): void {
    withdrawal.calls--;
    withdrawal.lost += lost;
    const payment = print(withdrawal);
    if (status === 200) {
      if (withdrawal.isImpossible) this.accuse(`${payment} was answered 200 after 409`);
      withdrawal.paidAt ??= Date.now();
    } else if (status === 402) {
      if (withdrawal.paidAt !== undefined && withdrawal.paidAt < sentAt)
        this.accuse(`${payment} was answered 402 after 200`);
      const spare = atLeast - this.#atMostWithout(withdrawal);
      if (spare >= withdrawal.sum)
        this.accuse(
          `${payment} was answered 402, though at least ${printKopecks(spare)} were there`,
        );
      withdrawal.refusedAt = Math.max(withdrawal.refusedAt ?? 0, sentAt);
      if (withdrawal.calls === 0) withdrawal.lost = 0;
      this.#checkRefusal(withdrawal);
    } else if (status === 409) {
      if (!withdrawal.isContested)
        this.accuse(
          `${payment} was answered 409, though it was paid neither otherwise nor by another`,
        );
      if (mustStand(withdrawal)) this.accuse(`${payment} was answered 409 after it had been made`);
      withdrawal.isImpossible = true;
    } else {
      this.accuse(`${payment} was answered ${status}`);
    }
  }

  /** No answer came before the run was over. */
  abandoned(withdrawal: Withdrawal, lost: number): void {
    withdrawal.calls--;
    withdrawal.lost += lost;
  }

  has(number: string): boolean {
    return this.#all.has(number);
  }

  /**
   * Attempts that were lost have been carried out by now, or never will be: the next answer is the
   * last word.
   */
  nothingIsUnderWay(): void {
    for (const each of this.#all.values()) each.lost = 0;
  }

  /** Acknowledged, or listed before: what every list that is asked for from now on must show. */
  get made(): Withdrawal[] {
    return [...this.#all.values()].filter(mustStand);
  }

  /** Neither made nor impossible, and attempts of it were lost. */
  get doubtful(): Withdrawal[] {
    return [...this.#all.values()].filter((each) => mayStand(each) && !mustStand(each));
  }

  get refused(): Withdrawal[] {
    return [...this.#all.values()].filter((each) => !mayStand(each) && each.isImpossible !== true);
  }

  get atLeast(): Kopecks {
    return sum(this.made.map((each) => each.sum));
  }

  get atMost(): Kopecks {
    return this.#atMostWithout();
  }

  /** @param made when the list was asked for. Returns the points that the list shows. */
  check(made: readonly Withdrawal[], list: readonly ShownWithdrawal[]): Kopecks {
    const listed = new Map(list.map((each) => [each.order, each]));
    if (listed.size < list.length)
      this.accuse(`the list of withdrawals shows ${list.length - listed.size} of them twice`);
    for (const each of made)
      if (!listed.has(each.number)) this.accuse(`${print(each)}, made before, is not in the list`);
    list.forEach((each, i) => {
      if (each.processed_at > (list[i - 1]?.processed_at ?? '9'))
        this.accuse(`withdrawal ${each.order} is not listed newest first`);
      this.#checkWithdrawal(each);
    });
    return sum(list.map((each) => each.sum));
  }

  #checkWithdrawal(shown: ShownWithdrawal): void {
    const known = this.#all.get(shown.order);
    const asShown = `the withdrawal of ${printKopecks(shown.sum)} for ${shown.order} at ${shown.processed_at} is listed`;
    if (!known) return this.accuse(`${asShown}, but this customer never asked for it`);
    if (known.sum !== shown.sum)
      this.accuse(`${asShown}, but the sum asked for was ${printKopecks(known.sum)}`);
    if (!mayStand(known))
      this.accuse(`${asShown}, but was answered ${known.isImpossible ? 409 : 402}`);
    if (known.stoodAt !== undefined && known.stoodAt !== shown.processed_at)
      this.accuse(`${asShown}, before that at ${known.stoodAt}`);
    known.stoodAt = shown.processed_at;
    this.#checkRefusal(known);
  }

  /**
   * `processed_at` is taken while the account is locked, so whoever is refused after that moment
   * was refused although the payment stood.
   */
  #checkRefusal(withdrawal: Withdrawal): void {
    const { stoodAt, refusedAt } = withdrawal;
    if (stoodAt === undefined || refusedAt === undefined || Date.parse(stoodAt) >= refusedAt)
      return;
    this.accuse(
      `${print(withdrawal)} was answered 402 to ${sent(withdrawal)}, though it stood since ${stoodAt}`,
    );
  }

  #atMostWithout(without?: Withdrawal): Kopecks {
    return sum(
      [...this.#all.values()]
        .filter((each) => each !== without && mayStand(each))
        .map((each) => each.sum),
    );
  }
}

function sent({ refusedAt }: Withdrawal): string {
  return `a request of ${refusedAt === undefined ? 'no time' : new Date(refusedAt).toISOString()}`;
}

function print(withdrawal: Withdrawal): string {
  return `the withdrawal of ${printKopecks(withdrawal.sum)} for ${withdrawal.number}`;
}
