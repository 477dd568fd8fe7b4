import type { Corrected } from '../../account/index.js';
import { oneLine } from '../../platform/cli/operator.js';
import type { CustomerFacts, EntryFacts, NumberFacts, OrderFacts } from '../application/ports.js';

/** More characters than logins, reasons and notes have. */
const LONGEST = 1_001;

const shown = (text: string): string => oneLine(text, LONGEST);

export function customerLines(facts: CustomerFacts): string[] {
  const { orders, lastOrders, lastEntries } = facts;
  const counts = Object.entries(orders).map(([status, count]) => `${count} ${status}`);
  return [
    `${loginOf(facts)}  ${facts.id}, registered ${facts.registeredAt}`,
    ...(facts.forgottenAt === null ? [] : [`forgotten ${facts.forgottenAt}`]),
    ...(facts.blockedAt === null
      ? []
      : [`blocked ${facts.blockedAt}${because(facts.blockReason)}`]),
    `balance ${facts.balance}, withdrawn ${facts.withdrawn}`,
    `orders: ${counts.join(', ') || 'none'}`,
    ...lastOrders.map((order) => `  ${orderLine(order)}`),
    `entries: ${facts.entries}`,
    ...lastEntries.map((entry) => `  ${entryLine(entry)}`),
  ];
}

export function orderLines({ number, order, task, entries }: NumberFacts): string[] {
  return [
    order ? `${orderLine(order)}, of ${loginOf(order)}  ${order.owner}` : `${number}: not uploaded`,
    ...(order?.history ?? []).map(({ status, at }) => `${at}  became ${status}`),
    ...(task
      ? [
          `task: ${task.status}, ${task.tries} tries spent, due ${task.nextAttemptAt}` +
            because(task.reason),
        ]
      : []),
    ...entries.map((entry) => `${entryLine(entry)}, account ${entry.account}`),
  ];
}

function because(reason: string | null): string {
  return reason === null ? '' : `; ${shown(reason)}`;
}

function loginOf({ login }: { readonly login: string | null }): string {
  return login === null ? '(forgotten)' : shown(login);
}

function orderLine({ number, status, accrual, uploadedAt }: OrderFacts): string {
  return `${uploadedAt}  ${number}  ${status}${accrual === null ? '' : ` ${accrual}`}`;
}

function entryLine({ kind, order, amount, balanceAfter, at, reason }: EntryFacts): string {
  const what = [kind, amount, order === null ? '' : `for ${order}`].filter((each) => each !== '');
  return `${at}  ${what.join(' ')}, leaves ${balanceAfter}${because(reason)}`;
}

/** Sums are text with two decimals. */
export function jsonOfCorrected({ before, after, isNew }: Corrected): object {
  return {
    id: after.userId,
    changed: isNew,
    before: { balance: before.balance.toFixed(), withdrawn: before.withdrawn.toFixed() },
    balance: after.balance.toFixed(),
    withdrawn: after.withdrawn.toFixed(),
  };
}
