import { sum } from '../../support/kopecks.js';
import type { Occasion, Points } from './expectation.js';
import type { ExpectedList, ExpectedRow } from './rows.js';

/** What the accrual system says of an order; `award` in kopecks, after rounding. */
export interface Decision {
  readonly status: 'PROCESSING' | 'INVALID' | 'PROCESSED';
  readonly award: bigint;
}

export interface Upload extends Occasion {
  readonly owner: string;
  readonly status: 'NEW' | Decision['status'];
  readonly award: bigint;
  readonly wasCalculating?: boolean;
  /** When the award came in. */
  readonly awarded?: Occasion;
}

interface Payment extends Occasion {
  readonly payer: string;
  readonly kopecks: bigint;
  /** When and why the points came back. */
  readonly reversed?: Occasion & { readonly reason: string };
}

/** What an operator has given, or below zero taken. */
interface Adjustment extends Occasion {
  readonly account: string;
  readonly kopecks: bigint;
  readonly reason: string;
}

/** What can be read of an account, and which rows of it. */
export const LISTS = ['orders', 'withdrawals', 'balance/history'] as const;
export type List = (typeof LISTS)[number];

/** What was stored, by order numbers and keys, for users by their ids. */
export interface Books {
  readonly uploads: Map<string, Upload>;
  readonly payments: Map<string, Payment>;
  readonly adjustments: Map<string, Adjustment>;
}

/** @param kinds only those: statuses of orders, kinds of entries. */
export function listOf(
  books: Books,
  what: List,
  user: string,
  kinds?: readonly string[],
): ExpectedList {
  const { rows, ...list } = LISTED[what](books, user);
  const chosen = kinds ? rows.filter((row) => kinds.includes(kindOf(row))) : rows;
  const newestFirst = chosen.toSorted((a, b) => b.turn - a.turn);
  return { ...list, rows: newestFirst, ...(kinds && { isPart: true }) };
}

/** An order's status, an entry's kind. */
export function kindOf({ fields }: ExpectedRow): string {
  return String(fields['status'] ?? fields['kind']);
}

const LISTED: Record<List, (books: Books, user: string) => ExpectedList> = {
  orders: ({ uploads }, user) => ({
    identifiedBy: ['number'],
    orderedBy: 'uploaded_at',
    rows: own(uploads, ({ owner }) => owner === user).map((each) => orderRow(...each)),
  }),
  withdrawals: ({ payments }, user) => ({
    identifiedBy: ['order'],
    orderedBy: 'processed_at',
    rows: own(payments, ({ payer }) => payer === user).map(
      ([order, { kopecks, turn, moment, reversed }]) => ({
        fields: { order, sum: kopecks },
        times: { processed_at: moment, ...(reversed && { reversed_at: reversed.moment }) },
        turn,
      }),
    ),
  }),
  'balance/history': (books, user) => ({
    identifiedBy: ['kind', 'order', 'reason'],
    orderedBy: 'at',
    rows: entriesOf(books, user),
    isLedger: true,
  }),
};

export function orderRow(number: string, upload: Upload): ExpectedRow {
  const { status, award, turn, moment } = upload;
  const fields = { number, status, ...(award > 0n && { accrual: award }) };
  return { fields, times: { uploaded_at: moment }, turn };
}

export function pointsOf(books: Books, user: string): Points {
  const amounts = entriesOf(books, user).map(({ fields }) => fields['amount'] as bigint);
  const spent = own(books.payments, ({ payer, reversed }) => payer === user && !reversed);
  return { current: sum(amounts), withdrawn: sum(spent.map(([, { kopecks }]) => kopecks)) };
}

/** What has changed the balance. */
function entriesOf({ uploads, payments, adjustments }: Books, user: string): ExpectedRow[] {
  const awards = own(uploads, ({ owner }) => owner === user).flatMap(
    ([order, { award: amount, awarded }]) =>
      awarded ? [entry(awarded, { kind: 'ACCRUAL', order, amount })] : [],
  );
  const paid = own(payments, ({ payer }) => payer === user).flatMap(([order, payment]) => {
    const { kopecks, reversed } = payment;
    const charge = entry(payment, { kind: 'WITHDRAWAL', order, amount: -kopecks });
    if (!reversed) return [charge];
    const { reason } = reversed;
    return [charge, entry(reversed, { kind: 'REVERSAL', order, amount: kopecks, reason })];
  });
  const adjusted = own(adjustments, ({ account }) => account === user).map(([, each]) =>
    entry(each, { kind: 'ADJUSTMENT', amount: each.kopecks, reason: each.reason }),
  );
  return [...awards, ...paid, ...adjusted];
}

function entry({ turn, moment }: Occasion, fields: ExpectedRow['fields']): ExpectedRow {
  return { fields, times: { at: moment }, turn };
}

export function isFinal(status: Upload['status']): boolean {
  return status === 'INVALID' || status === 'PROCESSED';
}

function own<T>(map: ReadonlyMap<string, T>, isOwn: (value: T) => boolean): [string, T][] {
  return [...map].filter(([, value]) => isOwn(value));
}
