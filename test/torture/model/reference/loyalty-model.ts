import { Access } from './access.js';
import {
  type Expectation,
  listOrNothing,
  MESSAGES,
  type Occasion,
  type Points,
  refusal,
} from './expectation.js';
import {
  type Books,
  type Decision,
  isFinal,
  type List,
  listOf,
  orderRow,
  pointsOf,
} from './books.js';
import type { ExpectedList } from './rows.js';

const EMPTY = { kind: 'empty' } as const;
const UNAUTHENTICATED = refusal(401, MESSAGES.unauthenticated);

/**
 * The service as its contract tells it, one call after another: maps and sums of kopecks. What is
 * owned belongs to a user's id, for logins become free.
 */
export class LoyaltyModel {
  private constructor(
    public access: Access,
    private books: Books,
  ) {}

  static empty(): LoyaltyModel {
    const books = { uploads: new Map(), payments: new Map(), adjustments: new Map() };
    return new LoyaltyModel(Access.empty(), books);
  }

  clone(): LoyaltyModel {
    const { uploads, payments, adjustments } = this.books;
    const books = {
      uploads: new Map(uploads),
      payments: new Map(payments),
      adjustments: new Map(adjustments),
    };
    return new LoyaltyModel(this.access.clone(), books);
  }

  /** Becomes what `other` is. */
  adopt(other: LoyaltyModel): void {
    ({ access: this.access, books: this.books } = other.clone());
  }

  /** Equal for two models that no later reply could tell apart. */
  get fingerprint(): string {
    const state = Object.values(this.books).map((map: ReadonlyMap<string, unknown>) =>
      [...map].sort(([a], [b]) => (a < b ? -1 : 1)),
    );
    return JSON.stringify([this.access.state, ...state], (_, value: unknown) =>
      typeof value === 'bigint' ? `${value}n` : value,
    );
  }

  upload(user: string, number: string, occasion: Occasion): Expectation {
    const owner = this.books.uploads.get(number)?.owner;
    if (owner === user) return { status: 200, ...EMPTY };
    if (owner !== undefined) return refusal(409, MESSAGES.othersOrder);
    this.books.uploads.set(number, { ...occasion, owner: user, status: 'NEW', award: 0n });
    return { status: 202, ...EMPTY };
  }

  withdraw(user: string, number: string, kopecks: bigint, occasion: Occasion): Expectation {
    if (!this.access.maySpend(user)) return UNAUTHENTICATED;
    const payment = this.books.payments.get(number);
    if (payment) {
      if (payment.payer !== user || payment.kopecks !== kopecks)
        return refusal(409, MESSAGES.paidOtherwise);
      return payment.reversed ? refusal(409, MESSAGES.reversed) : { status: 200, ...EMPTY };
    }
    if (this.points(user).current < kopecks) return refusal(402, MESSAGES.lowBalance);
    this.books.payments.set(number, { ...occasion, payer: user, kopecks });
    return { status: 200, ...EMPTY };
  }

  /** The worker has heard of a decision. False: it was never uploaded, or decided before. */
  settle(number: string, { status, award }: Decision, occasion: Occasion): boolean {
    const upload = this.books.uploads.get(number);
    if (!upload || isFinal(upload.status)) return false;
    this.books.uploads.set(number, {
      ...upload,
      status,
      award,
      ...(status === 'PROCESSING' && { wasCalculating: true }),
      ...(award > 0n && { awarded: occasion }),
    });
    return true;
  }

  /** @param kopecks below zero: an operator takes them. */
  adjust(
    name: string,
    kopecks: bigint,
    { key, reason }: { readonly key: string; readonly reason: string },
    occasion: Occasion,
  ): Expectation {
    const account = this.access.idOf(name);
    if (account === undefined) return notDone('no customer has the login ');
    const before = this.points(account);
    const made = this.books.adjustments.get(key);
    if (made && (made.account !== account || made.kopecks !== kopecks))
      return notDone('not done: this key was used for an adjustment of another login or sum');
    if (!made) {
      if (before.current + kopecks < 0n) return notDone('not done: the balance of ');
      this.books.adjustments.set(key, { ...occasion, account, kopecks, reason });
    }
    return { ...corrected(!made, before, this.points(account)), key };
  }

  reverse(number: string, reason: string, occasion: Occasion): Expectation {
    const payment = this.books.payments.get(number);
    if (!payment) return notDone('not done: nobody has spent points on this order number');
    const { payer, reversed } = payment;
    const before = this.points(payer);
    if (!reversed)
      this.books.payments.set(number, { ...payment, reversed: { ...occasion, reason } });
    return corrected(!reversed, before, this.points(payer));
  }

  statusOf(number: string): string | undefined {
    return this.books.uploads.get(number)?.status;
  }

  /** Uploaded numbers that the accrual system may still be asked about. */
  get unfinished(): string[] {
    return [...this.books.uploads]
      .filter(([, { status }]) => !isFinal(status))
      .map(([number]) => number);
  }

  paidFor(number: string): bigint | undefined {
    return this.books.payments.get(number)?.kopecks;
  }

  /** @param draw picks one. */
  uploaded(draw: number): { number: string; owner: string } | undefined {
    const all = [...this.books.uploads];
    const [number = '', upload] = all[draw % all.length] ?? [];
    return upload && { number, ...upload };
  }

  /** @param draw picks one. */
  payment(draw: number): { number: string; payer: string; kopecks: bigint } | undefined {
    const all = [...this.books.payments];
    const [number = '', payment] = all[draw % all.length] ?? [];
    return payment && { number, ...payment };
  }

  balanceOf(name: string): bigint {
    return this.points(this.access.idOf(name) ?? '').current;
  }

  /** The first to register of the users with the highest balance. */
  get richest(): string {
    const [first = ''] = this.access.names.sort((a, b) =>
      Number(this.balanceOf(b) - this.balanceOf(a)),
    );
    return first;
  }

  read(what: 'balance' | List, user: string): Expectation {
    return what === 'balance'
      ? { status: 200, kind: 'balance', ...this.points(user) }
      : listOrNothing(this.list(what, user));
  }

  order(user: string, number: string): Expectation {
    const upload = this.books.uploads.get(number);
    if (upload?.owner !== user) return refusal(404, MESSAGES.notFound);
    const { status, wasCalculating } = upload;
    const calculating = wasCalculating ? ['PROCESSING'] : [];
    const steps = ['NEW', ...calculating, ...(isFinal(status) ? [status] : [])];
    return { status: 200, kind: 'order', row: orderRow(number, upload), steps };
  }

  /** @param kinds only those: statuses of orders, kinds of entries. */
  list(what: List, user: string, kinds?: readonly string[]): ExpectedList {
    return listOf(this.books, what, user, kinds);
  }

  points(user: string): Points {
    return pointsOf(this.books, user);
  }
}

function notDone(says: string): Expectation {
  return { status: 1, kind: 'not done', says };
}

function corrected(changed: boolean, before: Points, after: Points) {
  return { status: 0, kind: 'corrected', changed, before, after } as const;
}
