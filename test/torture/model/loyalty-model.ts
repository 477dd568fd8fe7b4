import { sum } from '../support/kopecks.js';
import type { Expectation, ExpectedRow, Moment } from './expectation.js';

/** The contract's messages, written out once more: the model takes nothing from the service. */
export const MESSAGES = {
  badRequest: 'неверный формат запроса',
  wrongPair: 'неверный логин или пароль',
  unauthenticated: 'пользователь не аутентифицирован',
  lowBalance: 'недостаточно баллов лояльности для оплаты заказа',
  loginTaken: 'логин уже занят',
  othersOrder: 'номер заказа уже был загружен другим пользователем',
  paidOtherwise: 'номер заказа уже был оплачен другой суммой или другим пользователем',
  wrongOrder: 'неверный формат заказа',
  impossibleSum: 'недопустимая сумма',
} as const;

/** When a call was made: `turn` counts the steps of a story; calls of one turn are made at once. */
export interface Occasion {
  readonly turn: number;
  readonly moment: Moment;
}

/** What the accrual system says of an order; `award` in kopecks, after rounding. */
export interface Decision {
  readonly status: 'PROCESSING' | 'INVALID' | 'PROCESSED';
  readonly award: bigint;
}

interface Upload extends Occasion {
  readonly owner: string;
  readonly status: 'NEW' | Decision['status'];
  readonly award: bigint;
}

interface Payment extends Occasion {
  readonly payer: string;
  readonly kopecks: bigint;
}

const EMPTY = { kind: 'empty' } as const;

/** The service as its contract tells it, one call after another: maps and sums of kopecks. */
export class LoyaltyModel {
  private constructor(
    private passwords: Map<string, string>,
    private uploads: Map<string, Upload>,
    private payments: Map<string, Payment>,
  ) {}

  static empty(): LoyaltyModel {
    return new LoyaltyModel(new Map(), new Map(), new Map());
  }

  clone(): LoyaltyModel {
    return new LoyaltyModel(new Map(this.passwords), new Map(this.uploads), new Map(this.payments));
  }

  /** Becomes what `other` is. */
  adopt(other: LoyaltyModel): void {
    ({ passwords: this.passwords, uploads: this.uploads, payments: this.payments } = other.clone());
  }

  /** Equal for two models that no later reply could tell apart. */
  get fingerprint(): string {
    const state = [this.passwords, this.uploads, this.payments].map((map) =>
      [...map].sort(([a], [b]) => (a < b ? -1 : 1)),
    );
    return JSON.stringify(state, (_, value: unknown) =>
      typeof value === 'bigint' ? `${value}n` : value,
    );
  }

  register(user: string, password: string): Expectation {
    if (this.passwords.has(user)) return refusal(409, MESSAGES.loginTaken);
    this.passwords.set(user, password);
    return { status: 200, kind: 'token' };
  }

  logIn(user: string, password: string): Expectation {
    return this.passwords.get(user) === password
      ? { status: 200, kind: 'token' }
      : refusal(401, MESSAGES.wrongPair);
  }

  upload(user: string, number: string, occasion: Occasion): Expectation {
    const owner = this.uploads.get(number)?.owner;
    if (owner === user) return { status: 200, ...EMPTY };
    if (owner !== undefined) return refusal(409, MESSAGES.othersOrder);
    this.uploads.set(number, { ...occasion, owner: user, status: 'NEW', award: 0n });
    return { status: 202, ...EMPTY };
  }

  withdraw(user: string, number: string, kopecks: bigint, occasion: Occasion): Expectation {
    const payment = this.payments.get(number);
    if (payment) {
      const isRepeated = payment.payer === user && payment.kopecks === kopecks;
      return isRepeated ? { status: 200, ...EMPTY } : refusal(409, MESSAGES.paidOtherwise);
    }
    if (this.balance(user) < kopecks) return refusal(402, MESSAGES.lowBalance);
    this.payments.set(number, { ...occasion, payer: user, kopecks });
    return { status: 200, ...EMPTY };
  }

  /** The worker has heard of a decision. False: it was never uploaded, or decided before. */
  settle(number: string, { status, award }: Decision): boolean {
    const upload = this.uploads.get(number);
    if (!upload || isFinal(upload.status)) return false;
    this.uploads.set(number, { ...upload, status, award });
    return true;
  }

  statusOf(number: string): string | undefined {
    return this.uploads.get(number)?.status;
  }

  /** Uploaded numbers that the accrual system may still be asked about. */
  get unfinished(): string[] {
    return [...this.uploads].filter(([, { status }]) => !isFinal(status)).map(([number]) => number);
  }

  paidFor(number: string): bigint | undefined {
    return this.payments.get(number)?.kopecks;
  }

  balance(user: string): bigint {
    const { current } = this.#points(user);
    return current;
  }

  /** The first to register of the users with the highest balance. */
  get richest(): string {
    const [first = ''] = [...this.passwords.keys()].sort((a, b) =>
      Number(this.balance(b) - this.balance(a)),
    );
    return first;
  }

  read(what: 'balance' | 'orders' | 'withdrawals', user: string): Expectation {
    if (what === 'balance') return { status: 200, kind: 'balance', ...this.#points(user) };
    if (what === 'orders')
      return list(
        'uploaded_at',
        own(this.uploads, ({ owner }) => owner === user).map(([number, upload]) => {
          const { status, award } = upload;
          return { ...upload, fields: { number, status, ...(award > 0n && { accrual: award }) } };
        }),
      );
    return list(
      'processed_at',
      own(this.payments, ({ payer }) => payer === user).map(([order, payment]) => ({
        ...payment,
        fields: { order, sum: payment.kopecks },
      })),
    );
  }

  #points(user: string): { current: bigint; withdrawn: bigint } {
    const awards = own(this.uploads, ({ owner }) => owner === user).map(([, { award }]) => award);
    const paid = own(this.payments, ({ payer }) => payer === user).map(([, each]) => each.kopecks);
    return { current: sum(awards) - sum(paid), withdrawn: sum(paid) };
  }
}

export function refusal(status: number, ...messages: string[]): Expectation {
  return { status, kind: 'refusal', messages };
}

function isFinal(status: Upload['status']): boolean {
  return status === 'INVALID' || status === 'PROCESSED';
}

function own<T>(map: ReadonlyMap<string, T>, isOwn: (value: T) => boolean): [string, T][] {
  return [...map].filter(([, value]) => isOwn(value));
}

function list(timeField: string, rows: ExpectedRow[]): Expectation {
  if (rows.length === 0) return { status: 204, ...EMPTY };
  return { status: 200, kind: 'list', timeField, rows: rows.sort((a, b) => b.turn - a.turn) };
}
