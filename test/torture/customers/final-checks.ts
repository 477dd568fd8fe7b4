import { setTimeout as pause } from 'node:timers/promises';
import { READS } from '../../support/http/client.js';
import { contradiction } from '../../support/processes/operator-run.js';
import type { Findings } from '../findings.js';
import { type Kopecks, printKopecks, readKopecks } from '../support/kopecks.js';
import { type Customer, PAGED } from './customer.js';
import type { Desk } from './desk.js';
import type { Deployment } from '../support/deployment.js';
import { GaveUp } from './retrying-client.js';

/** How many lines a page has when everything is read. */
const PAGE = 7;

/** The contract's time for all replicas to hear that a session has ended. */
const REFUSED_WITHIN_MS = 2_000;

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
    for (const { number, sum, isContested } of withdrawals.reversals)
      await customer.withdraw(number, sum, printKopecks(sum), isContested);
    for (const url of urls) for (const read of READS) await customer.read(read, url);
    for (const what of PAGED) await customer.readPages(what, PAGE);
    customer.memory.checkExactly();
    await checkSessions(customer, urls);
  } catch (error) {
    if (stopping.aborted) return;
    if (!(error instanceof GaveUp)) throw error;
    customer.complain(`${error.message} though nothing disturbs the service any more`);
  }
}

/** Every replica knows of sessions that have ended, also those that were started since. */
async function checkSessions(customer: Customer, urls: readonly string[]): Promise<void> {
  for (const session of customer.sessions.all) {
    if (session.endedAt === undefined) continue;
    await pause(Math.max(0, session.endedAt + REFUSED_WITHIN_MS - Date.now()));
    for (const url of urls) {
      const status = await customer.tryOut(session, url);
      if (status !== 401) customer.complain(`${url} answers ${status} to a session that has ended`);
    }
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

const CORRECTIONS = `
  SELECT u.login, coalesce(l.order_num, l.reason) AS num, l.kind::text AS status,
    l.amount AS points
  FROM gophermart.ledger_entries l JOIN gophermart.users u ON u.id = l.account_id
  WHERE l.kind IN ('ADJUSTMENT', 'REVERSAL') AND u.login = ANY($1)`;
const ACTIONS = `
  SELECT (data::json->>'action') || ': ' || (data::json->>'note') AS line
  FROM gophermart.events WHERE type = 'operator_action' AND data::json->>'by' = $1`;

/** Past the service: the books are right, and say what customers and accrual system were told. */
export async function checkBooks(
  { database }: Deployment,
  { customers, desks }: { customers: readonly Customer[]; desks: readonly Desk[] },
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
  const corrections = await database.query<Row>(CORRECTIONS, [logins]);
  for (const customer of customers) {
    const { uploads, withdrawals: payments, corrections: adjusted } = customer.memory;
    const own = (rows: readonly Row[]): string[] =>
      rows
        .filter(({ login }) => login === customer.login)
        .map(({ num, status, points }) => line(num, status, readKopecks(points ?? '0')));
    const owned = uploads.owned.map((each) =>
      line(each.number, each.final.status, each.final.kopecks),
    );
    const made = payments.made.map(({ number, sum }) => line(number, 'paid', sum));
    const corrected = [
      ...adjusted.made.map(({ key, sum }) => line(key, 'ADJUSTMENT', sum)),
      ...payments.reversals.map(({ number, sum }) => line(number, 'REVERSAL', sum)),
    ];
    const complain = (sentence: string): void => customer.complain(sentence);
    compare(complain, 'orders', owned, own(orders));
    compare(complain, 'withdrawals', made, own(withdrawals));
    compare(complain, 'corrections', corrected, own(corrections));
  }
  for (const { name, done } of desks) {
    const actions = await database.query<{ line: string }>(ACTIONS, [name]);
    const complain = (sentence: string): void => findings.violation(`${name}: ${sentence}`);
    compare(
      complain,
      'actions',
      done,
      actions.map((action) => action.line),
    );
  }
  findings.count('orders settled', orders.length);
  findings.count('orders credited', orders.filter(({ points }) => points !== null).length);
}

function line(number: string, status: string, points: Kopecks): string {
  return `${number} ${status} ${printKopecks(points)}`;
}

function compare(
  complain: (sentence: string) => void,
  what: string,
  expected: readonly string[],
  stored: readonly string[],
): void {
  for (const each of expected)
    if (!stored.includes(each)) complain(`the table of ${what} lacks ${each}`);
  for (const each of stored)
    if (!expected.includes(each))
      complain(`the table of ${what} has ${each}, which nobody was promised`);
  const doubles = stored.length - new Set(stored).size;
  if (doubles > 0) complain(`the table of ${what} has ${doubles} of them twice`);
}
