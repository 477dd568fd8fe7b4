import { DomainError } from '../../kernel/domain/domain-error.js';
import { Money } from '../../kernel/domain/money.js';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { CommandLine, type Given, type Work } from '../../platform/cli/command-line.js';
import { BY, givenBy, JSON_OPTION, textOf } from '../../platform/cli/operator.js';
import { addAccess } from './access-command.js';
import { customerOf, ID, LONGEST_TEXT, NOTE, REASON } from './customer-arguments.js';
import type { CustomerRunner } from './customer-runner.js';

const LONGEST_KEY = 200;

type Run = (work: Work<CustomerRunner>) => Promise<void>;

/**
 * `npm run customer -- …`. Only what reads the command line is loaded with it.
 *
 * @param run does the work that was read.
 */
export function customerCommand(run: Run): CommandLine {
  const customer = new CommandLine('npm run customer --')
    .usage('<command> [options]')
    .description('What operators see of a customer, and set right for one.')
    .addHelpText(
      'after',
      '\nA customer is named by login, or by --id.' +
        '\nThe options of a command: npm run customer -- adjust --help' +
        '\nFor programs: npm run -s customer -- show gopher --json',
    );
  customer
    .command('show')
    .summary('a customer’s balance, orders and last entries')
    .description('Shows balance, number of orders, and the last orders and entries of the ledger.')
    .argument('[login]')
    .option(...ID)
    .option(...JSON_OPTION)
    .does(readShow, run);
  customer
    .command('order')
    .summary('all about an order number')
    .description('Shows who has uploaded it, its task, and the points it has brought or cost.')
    .argument('[order number]')
    .option(...JSON_OPTION)
    .does(readOrder, run);
  addCorrections(customer, run);
  addAccess(customer, run);
  return customer;
}

function addCorrections(customer: CommandLine, run: Run): void {
  customer
    .command('adjust')
    .summary('give points, or take some')
    .description(
      'Adds an ADJUSTMENT to the ledger: adjust gopher 10.50, or adjust gopher -10. ' +
        'No balance goes below zero.',
    )
    .argument('[login]')
    .argument('[sum]')
    .option(...ID)
    .option(...REASON)
    .option('--key [text]', 'the same key again changes nothing; one is made and printed otherwise')
    .option(...NOTE)
    .option(...BY)
    .option(...JSON_OPTION)
    .does(readAdjust, run);
  customer
    .command('reverse')
    .summary('give back what was spent on an order')
    .description(
      'Adds a REVERSAL to the ledger, once. The number stays used: ' +
        'the same withdrawal again is refused.',
    )
    .argument('[order number]')
    .option(...REASON)
    .option(...NOTE)
    .option(...BY)
    .option(...JSON_OPTION)
    .does(readReverse, run);
  customer
    .command('recount')
    .summary('set a balance to what its entries add up to')
    .description(
      'Sets balance and withdrawn to the sums of the ledger’s entries, and says what they were. ' +
        'Entries that contradict each other stay as they are.',
    )
    .argument('[login]')
    .option(...ID)
    .option(...NOTE)
    .option(...BY)
    .option(...JSON_OPTION)
    .does(readRecount, run);
}

function readShow(given: Given): Work<CustomerRunner> {
  const { name } = customerOf(given, 'show');
  const json = given.flags.has('json');
  return (runner, print) => runner.show(name, json, print);
}

function readOrder(given: Given): Work<CustomerRunner> {
  const number = numberOf(given);
  const json = given.flags.has('json');
  return (runner, print) => runner.order(number.value, json, print);
}

function readAdjust(given: Given): Work<CustomerRunner> {
  const { name, others } = customerOf(given, 'adjust', 1);
  const change = changeOf(others[0], given.problems);
  const key = textOf('key', given, LONGEST_KEY);
  const adjustment = { ...change, key, ...correctionOf(given) };
  const json = given.flags.has('json');
  // It would be printed before the JSON.
  if (json && key === undefined) given.problems.push('--json needs a --key');
  return (runner, print) => runner.adjust(name, adjustment, json, print);
}

function readReverse(given: Given): Work<CustomerRunner> {
  const number = numberOf(given);
  const correction = correctionOf(given);
  const json = given.flags.has('json');
  return (runner, print) => runner.reverse(number, correction, json, print);
}

function readRecount(given: Given): Work<CustomerRunner> {
  const { name } = customerOf(given, 'recount');
  const by = givenBy(given);
  const note = textOf('note', given, LONGEST_TEXT);
  const json = given.flags.has('json');
  return (runner, print) => runner.recount(name, { by, note }, json, print);
}

function numberOf({ operands, problems }: Given): OrderNumber {
  const [number, ...others] = operands;
  problems.push(...others.map((each) => `"${each}" is one operand too many`));
  if (number === undefined) problems.push('an order number is missing');
  else
    try {
      return OrderNumber.parse(number);
    } catch (error) {
      problems.push(sentenceOf(error));
    }
  return OrderNumber.restore('0');
}

const SUM = /^(?<sign>[+-]?)(?<sum>\d+(\.\d+)?)$/;

function changeOf(
  text: string | undefined,
  problems: string[],
): { readonly sum: Money; readonly isTaken: boolean } {
  const { sign, sum = '0' } = SUM.exec(text ?? '')?.groups ?? {};
  if (text === undefined) problems.push('a sum is missing, such as 10.50 or -10');
  else if (sign === undefined) problems.push(`the sum must be a number such as -10, not "${text}"`);
  else
    try {
      const points = Money.exact(sum);
      if (points.isZero) problems.push('the sum must be more or less than zero');
      return { sum: points, isTaken: sign === '-' };
    } catch (error) {
      problems.push(sentenceOf(error));
    }
  return { sum: Money.ZERO, isTaken: false };
}

function correctionOf(given: Given): { by: string; reason: string; note: string | undefined } {
  const reason = textOf('reason', given, LONGEST_TEXT);
  if (given.values['reason'] === undefined) given.problems.push('--reason is missing');
  return { by: givenBy(given), reason: reason ?? '', note: textOf('note', given, LONGEST_TEXT) };
}

/** @throws what is no rule that was broken. */
function sentenceOf(error: unknown): string {
  if (error instanceof DomainError) return error.message;
  throw error;
}
