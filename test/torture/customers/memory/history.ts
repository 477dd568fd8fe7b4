import { type Kopecks, printKopecks } from '../../support/kopecks.js';
import type { Mark, Memory } from './memory.js';

export interface ShownEntry {
  readonly id: string;
  readonly kind: 'ACCRUAL' | 'WITHDRAWAL' | 'ADJUSTMENT' | 'REVERSAL';
  readonly order?: string;
  readonly amount: Kopecks;
  readonly balance_after: Kopecks;
  readonly at: string;
  readonly reason?: string;
}

/**
 * Checks the whole history of an account, newest first: each balance follows from the one before,
 * so none is missing and none is told twice; and each entry is what somebody asked for.
 *
 * @param mark when it was asked for.
 */
export function checkHistory(
  memory: Memory,
  mark: Mark,
  entries: readonly ShownEntry[],
  complain: (sentence: string) => void,
): void {
  let balance = 0n;
  let at = '';
  for (const entry of entries.toReversed()) {
    balance += entry.amount;
    if (entry.balance_after !== balance || balance < 0n)
      complain(`${print(entry)} is in the history where ${printKopecks(balance)} are left`);
    if (entry.at < at) complain(`${print(entry)} is dated before the entry before it`);
    ({ at, balance_after: balance } = entry);
    const asked = askedFor(memory, entry);
    if (asked !== entry.amount)
      complain(`${print(entry)} is in the history, asked for was ${asked && printKopecks(asked)}`);
  }
  const told = new Set(entries.map((entry) => nameOf(entry)));
  if (told.size < entries.length)
    complain(`the history has ${entries.length - told.size} entries twice`);
  const due = [
    ...mark.made.map(({ number }) => `WITHDRAWAL ${number}`),
    ...mark.reversals.map(({ number }) => `REVERSAL ${number}`),
    ...mark.adjusted.map(({ key }) => `ADJUSTMENT ${key}`),
    ...mark.rewarded.map(({ number }) => `ACCRUAL ${number}`),
  ];
  for (const each of due) if (!told.has(each)) complain(`${each} is not in the history`);
}

/** An operator's reason for an adjustment is its key. */
function nameOf({ kind, order, reason }: ShownEntry): string {
  return `${kind} ${order ?? reason}`;
}

/** What it must amount to; undefined where nobody has asked for it. */
function askedFor(
  { uploads, withdrawals, corrections }: Memory,
  { kind, order = '', reason = '' }: ShownEntry,
): Kopecks | undefined {
  const withdrawal = withdrawals.of(order);
  switch (kind) {
    case 'ACCRUAL':
      return uploads.of(order)?.final.kopecks;
    case 'WITHDRAWAL':
      return withdrawal && -withdrawal.sum;
    case 'REVERSAL':
      return withdrawal?.isReversing ? withdrawal.sum : undefined;
    case 'ADJUSTMENT':
      return corrections.of(reason)?.sum;
  }
}

function print(entry: ShownEntry): string {
  return `${nameOf(entry)} of ${printKopecks(entry.amount)} at ${entry.at}`;
}
