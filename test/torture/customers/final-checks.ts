import { READS } from '../../support/http/client.js';
import { contradiction } from '../../support/processes/operator-run.js';
import type { Findings } from '../findings.js';
import { type Kopecks, printKopecks, readKopecks } from '../support/kopecks.js';
import type { Customer } from './customer.js';
import type { Deployment } from '../support/deployment.js';
import { GaveUp } from './retrying-client.js';

/** Through the API, on every replica: what customers were told, to the last kopeck. */
export async function checkCustomer(
  customer: Customer,
  urls: readonly string[],
  stopping: AbortSignal,
): Promise<void> {
  const { withdrawals } = customer.memory;
  try {
    stopping.throwIfAborted();
    await customer.read('withdrawals');
    const { uncertain } = withdrawals;
    withdrawals.nothingIsUnderWay();
    // Payments without a certain answer are asked for once more; this answer is certain.
    for (const { number, sum, isContested } of uncertain)
      await customer.withdraw(number, sum, printKopecks(sum), isContested);
    for (const url of urls) for (const read of READS) await customer.read(read, url);
    customer.memory.checkExactly();
  } catch (error) {
    if (stopping.aborted) return;
    if (!(error instanceof GaveUp)) throw error;
    customer.complain(`${error.message} though nothing disturbs the service any more`);
  }
}

const UNFINISHED = `
  SELECT format('order %s is %s, its task: %s', o.num, o.status,
    coalesce(
      format('%s, %s tries, attempt %s, %s', q.status, q.tries, q.attempt, q.reason), 'none'
    )) AS line
  FROM gophermart.orders o LEFT JOIN gophermart.queue q ON q.order_id = o.id
  WHERE o.status NOT IN ('PROCESSED', 'INVALID') OR q.order_id IS NOT NULL`;

interface Row {
  readonly login: string;
  readonly num: string;
  readonly status: string;
  readonly points: string | null;
}

const ORDERS = `
  SELECT u.login, o.num, o.status::text, o.accrual AS points
  FROM gophermart.orders o JOIN gophermart.users u ON u.id = o.user_id WHERE u.login = ANY($1)`;
const WITHDRAWALS = `
  SELECT u.login, l.order_num AS num, 'paid' AS status, l.amount AS points
  FROM gophermart.ledger_entries l JOIN gophermart.users u ON u.id = l.account_id
  WHERE l.kind = 'WITHDRAWAL' AND u.login = ANY($1)`;

/** Past the service: the books are right, and say what customers and accrual system were told. */
export async function checkBooks(
  { database }: Deployment,
  customers: readonly Customer[],
  findings: Findings,
  stopping: AbortSignal,
): Promise<void> {
  const wrong = await contradiction(database.uri(), stopping);
  if (wrong !== undefined) findings.violation(wrong);
  for (const { line } of await database.query<{ line: string }>(UNFINISHED))
    findings.violation(`something is left to do: ${line}`);
  const logins = customers.map(({ login }) => login);
  const orders = await database.query<Row>(ORDERS, [logins]);
  const withdrawals = await database.query<Row>(WITHDRAWALS, [logins]);
  for (const customer of customers) {
    const { uploads, withdrawals: payments } = customer.memory;
    const own = (rows: readonly Row[]): string[] =>
      rows
        .filter(({ login }) => login === customer.login)
        .map(({ num, status, points }) => line(num, status, readKopecks(points ?? '0')));
    const owned = uploads.owned.map((each) =>
      line(each.number, each.final.status, each.final.kopecks),
    );
    const made = payments.made.map(({ number, sum }) => line(number, 'paid', sum));
    compare(customer, 'orders', owned, own(orders));
    compare(customer, 'withdrawals', made, own(withdrawals));
  }
  findings.count('orders settled', orders.length);
  findings.count('orders credited', orders.filter(({ points }) => points !== null).length);
}

function line(number: string, status: string, points: Kopecks): string {
  return `${number} ${status} ${printKopecks(points)}`;
}

function compare(
  customer: Customer,
  what: string,
  expected: readonly string[],
  stored: readonly string[],
): void {
  for (const each of expected)
    if (!stored.includes(each)) customer.complain(`the table of ${what} lacks ${each}`);
  for (const each of stored)
    if (!expected.includes(each))
      customer.complain(`the table of ${what} has ${each}, which nobody was promised`);
  const doubles = stored.length - new Set(stored).size;
  if (doubles > 0) customer.complain(`the table of ${what} has ${doubles} of them twice`);
}
