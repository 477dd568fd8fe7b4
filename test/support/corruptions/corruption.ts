import type { DifferenceKind } from '../../../src/reconciliation/domain/difference.js';
import type { EntryKind } from '../../../src/account/domain/account.js';
import { sample } from './sample-books.js';

/** Something that must not be in the books, and the differences that must be found then. */
export interface Corruption {
  readonly name: string;
  /** Statements that plant it where there are no constraints. */
  readonly plant: readonly string[];
  /** Each as often as it must be found, and nothing else. */
  readonly finds: readonly DifferenceKind[];
  /** Ids and numbers: every difference names one of them. */
  readonly names: readonly string[];
}

/**
 * The lines that a corruption must answer for. Most that is wrong with the books contradicts the
 * journal, too; corruptions of the journal see to that.
 */
export function concerned({ plant, finds }: Corruption, lines: readonly string[]): string[] {
  const isOfJournal = (kind: string): boolean => /\bevent\b/.test(kind);
  return plant.length === 0 || finds.some(isOfJournal)
    ? [...lines]
    : lines.filter((line) => !isOfJournal(line.slice(0, line.indexOf(':'))));
}

/** Draws an account of the sample whose place has the given last figure. */
export type Draw = (lastFigure: number) => number;

/** Last figures of accounts with entries and no order but those that earned them. */
export const EARNER = 6;
export const OTHER_EARNER = 7;

/** An order number that nobody has uploaded. */
export const STRANGE_NUMBER = '79927398713';

/** A table of corruptions that are all about `names`. */
export function about(
  names: readonly string[],
  rows: readonly (readonly [
    name: string,
    plant: string | readonly string[],
    ...finds: DifferenceKind[],
  ])[],
): Corruption[] {
  return rows.map(([name, plant, ...finds]) => ({ name, plant: [plant].flat(), finds, names }));
}

export const account = (i: number, change: string): string =>
  `UPDATE gophermart.accounts SET ${change} WHERE user_id = '${sample.account(i)}'`;

export const entry = (i: number, version: number, change: string): string =>
  `UPDATE gophermart.ledger_entries SET ${change} WHERE id = '${sample.entry(i, version)}'`;

export const order = (i: number, k: number, change: string): string =>
  `UPDATE gophermart.orders SET ${change} WHERE id = '${sample.order(i, k)}'`;

export const extraOrder = (i: number, change: string): string =>
  `UPDATE gophermart.orders SET ${change} WHERE id = '${sample.extraOrder(i)}'`;

export const task = (orderId: string): string =>
  `INSERT INTO gophermart.queue (order_id, status, enqueued_at, next_attempt_at, status_changed_at)
   VALUES ('${orderId}', 'PENDING', now(), now(), now())`;

const text = (value: string | null): string => (value === null ? 'NULL' : `'${value}'`);

/** A new last entry of an account, booked as it should be: only its occasion may be wrong. */
export function book(
  i: number,
  kind: EntryKind,
  amount: string,
  number: string | null,
  reason: string | null = null,
): string[] {
  const gained = kind === 'WITHDRAWAL' ? `-(${amount})` : amount;
  const withdrawn = { WITHDRAWAL: amount, REVERSAL: `-(${amount})`, ACCRUAL: '0', ADJUSTMENT: '0' };
  return [
    account(
      i,
      `version = version + 1, balance = balance + ${gained},
       withdrawn = withdrawn + ${withdrawn[kind]}`,
    ),
    `INSERT INTO gophermart.ledger_entries
       (id, account_id, version, kind, amount, balance_after, withdrawn_after, order_num, at,
        reason)
     SELECT gen_random_uuid(), user_id, version, '${kind}', ${amount}, balance, withdrawn,
       ${text(number)}, now(), ${text(reason)}
     FROM gophermart.accounts WHERE user_id = '${sample.account(i)}'`,
  ];
}
