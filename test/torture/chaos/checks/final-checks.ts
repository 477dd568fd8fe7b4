import { type Kopecks, printKopecks, readKopecks } from '../../support/kopecks.js';
import { GaveUp } from '../customers/client.js';
import type { Customer } from '../customers/customer.js';
import { type Read, READS } from '../customers/memory.js';
import type { Findings } from '../findings.js';
import type { Stage } from '../stage.js';
import { PROMISES } from './books.js';

/** Through the API, on every replica: what customers were told, to the last kopeck. */
export async function checkStatements(
  customer: Customer,
  urls: readonly string[],
  stopping: AbortSignal,
): Promise<void> {
  const { memory } = customer;
  try {
    stopping.throwIfAborted();
    await customer.read('withdrawals');
    const { doubtful } = memory.withdrawals;
    memory.withdrawals.nothingIsUnderWay();
    // Payments that were asked for but never answered for certain are asked for once more, and this
    // answer is the last word.
    for (const { number, sum, isContested } of doubtful) {
      await customer.withdraw(number, sum, printKopecks(sum), isContested);
    }
    for (const url of urls)
      for (const read of Object.keys(READS) as Read[]) await customer.read(read, url);
    memory.checkExactly();
  } catch (error) {
    if (stopping.aborted) return;
    if (!(error instanceof GaveUp)) throw error;
    customer.accuse(`${error.message} though nothing disturbs the service any more`);
  }
}

interface OrderRow {
  readonly login: string;
  readonly num: string;
  readonly status: string;
  readonly accrual: string | null;
}

interface WithdrawalRow {
  readonly login: string;
  readonly order_num: string;
  readonly amount: string;
}

/**
 * Past the service, on the tables: that they are consistent, and that they say what customers were
 * told and the accrual system means.
 */
export async function checkBooks(
  stage: Stage,
  customers: readonly Customer[],
  findings: Findings,
): Promise<void> {
  for (const { what, violations } of PROMISES) {
    for (const { violation } of await stage.query<{ violation: string }>(violations)) {
      findings.violation(`the books break "${what}": ${violation}`);
    }
  }
  const logins = customers.map(({ login }) => login);
  const orders = await stage.query<OrderRow>(
    `SELECT u.login, o.num, o.status, o.accrual FROM gophermart.orders o JOIN gophermart.users u ON u.id = o.user_id WHERE u.login = ANY($1)`,
    [logins],
  );
  const withdrawals = await stage.query<WithdrawalRow>(
    `SELECT u.login, l.order_num, l.amount FROM gophermart.ledger_entries l JOIN gophermart.users u ON u.id = l.account_id
     WHERE l.kind = 'WITHDRAWAL' AND u.login = ANY($1)`,
    [logins],
  );
  for (const customer of customers) {
    const own = <Row extends { login: string }>(rows: Row[]): Row[] =>
      rows.filter(({ login }) => login === customer.login);
    compare(customer, 'orders', expectedOrders(customer), own(orders).map(orderLine));
    compare(
      customer,
      'withdrawals',
      expectedWithdrawals(customer),
      own(withdrawals).map(withdrawalLine),
    );
  }
  findings.count('orders settled', orders.length);
  findings.count('orders credited', orders.filter(({ accrual }) => accrual !== null).length);
}

function expectedOrders({ memory }: Customer): string[] {
  return memory.uploads.owned.map(({ number, truth }) => line(number, truth.status, truth.kopecks));
}

function orderLine({ num, status, accrual }: OrderRow): string {
  return line(num, status, readKopecks(accrual ?? '0'));
}

function expectedWithdrawals({ memory }: Customer): string[] {
  return memory.withdrawals.made.map(({ number, sum }) => line(number, 'paid', sum));
}

function withdrawalLine({ order_num, amount }: WithdrawalRow): string {
  return line(order_num, 'paid', readKopecks(amount));
}

function line(number: string, status: string, sum: Kopecks): string {
  return `${number} ${status} ${printKopecks(sum)}`;
}

function compare(
  customer: Customer,
  what: string,
  expected: readonly string[],
  stored: readonly string[],
): void {
  const [wanted, found] = [new Set(expected), new Set(stored)];
  for (const each of wanted)
    if (!found.has(each)) customer.accuse(`the table of ${what} lacks ${each}`);
  for (const each of found)
    if (!wanted.has(each))
      customer.accuse(`the table of ${what} has ${each}, which nobody was promised`);
  if (found.size < stored.length)
    customer.accuse(`the table of ${what} has ${stored.length - found.size} of them twice`);
}
