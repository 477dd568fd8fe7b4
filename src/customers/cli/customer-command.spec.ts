import { describe, expect, it } from '@jest/globals';
import { Money } from '../../kernel/domain/money.js';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { UsageProblems } from '../../platform/cli/command-line.js';
import { BY } from '../../platform/cli/operator.js';
import { customerCommand } from './customer-command.js';
import { CustomerRunner } from './customer-runner.js';

const [, , SYSTEM_USER] = BY;
const ID = '01900000-0000-7000-8000-000000000001';
const NUMBER = OrderNumber.parse('2377225624');

/** What the runner is told to do: its method, and the method's arguments. */
async function read(...argv: string[]): Promise<unknown[]> {
  const told: unknown[] = [];
  const runner = Object.create(CustomerRunner.prototype) as Record<string, unknown>;
  for (const method of ['show', 'order', 'adjust', 'reverse', 'recount'])
    runner[method] = (...given: unknown[]) => told.push(method, ...given.slice(0, -1));
  await customerCommand(async (work) => {
    const print = (): void => undefined;
    await work(runner as unknown as CustomerRunner, print, new AbortController().signal);
  }).run(argv);
  return told;
}

async function problemsOf(...argv: string[]): Promise<readonly string[]> {
  const error: unknown = await read(...argv).catch((thrown: unknown) => thrown);
  if (error instanceof UsageProblems) return error.problems;
  throw new Error(`nothing is wrong with it: ${String(error)}`);
}

describe(customerCommand, () => {
  const why = ['--reason', 'a complaint'];
  const correction = { by: SYSTEM_USER, reason: 'a complaint', note: undefined };

  it.each<[string[], unknown[]]>([
    [
      ['show', 'gopher'],
      ['show', { login: 'gopher' }, false],
    ],
    [
      ['show', '--id', ID, '--json'],
      ['show', { id: ID }, true],
    ],
    // What follows -- is none, also where it looks like one.
    [
      ['show', '--json', '--', '--json'],
      ['show', { login: '--json' }, true],
    ],
    // The login of one customer may be the id of another.
    [
      ['show', ID],
      ['show', { login: ID }, false],
    ],
    [
      ['order', '2377225624'],
      ['order', '2377225624', false],
    ],
    [
      ['adjust', 'gopher', '-10', ...why],
      [
        'adjust',
        { login: 'gopher' },
        { sum: Money.exact('10'), isTaken: true, key: undefined, ...correction },
        false,
      ],
    ],
    [
      ['adjust', '+0.5', '--id', ID, '--key', 'k 1', '--json', '--by=bob', '--note', 'n', ...why],
      [
        'adjust',
        { id: ID },
        {
          sum: Money.exact('0.5'),
          isTaken: false,
          key: 'k 1',
          by: 'bob',
          reason: 'a complaint',
          note: 'n',
        },
        true,
      ],
    ],
    [
      ['reverse', '2377225624', ...why],
      ['reverse', NUMBER, correction, false],
    ],
    [
      ['recount', 'gopher', '--note', 'n'],
      ['recount', { login: 'gopher' }, { by: SYSTEM_USER, note: 'n' }, false],
    ],
  ])('reads %j', async (argv, told) => {
    await expect(read(...argv)).resolves.toEqual(told);
  });

  const text = (part: string): unknown => expect.stringContaining(part);

  it.each<[string[], unknown[]]>([
    [
      [],
      [
        'a command is missing: show, order, adjust, reverse, recount, ' +
          'block, unblock, end-sessions, reset-password, forget',
      ],
    ],
    [['show'], ['a login is missing, or --id']],
    [['show', 'gopher', 'bob'], ['"bob" does not go with show']],
    [['show', 'gopher', '--id', ID], ['"gopher" does not go with show']],
    [['show', '--id', 'gopher'], ['--id must be a UUID, not "gopher"']],
    [['order', '1'], [text('check digit')]],
    [['order'], ['an order number is missing']],
    [
      ['adjust', 'gopher'],
      ['a sum is missing, such as 10.50 or -10', '--reason is missing'],
    ],
    [['adjust', 'gopher', '0.00', ...why], ['the sum must be more or less than zero']],
    [['adjust', 'gopher', '1e3', ...why], [text('not "1e3"')]],
    [['adjust', 'gopher', '1.001', ...why], [text('two decimals')]],
    [['adjust', 'gopher', '10000000000001', ...why], [text('10^13')]],
    [['adjust', 'gopher', '1', '2', ...why], ['"2" does not go with adjust']],
    [['adjust', 'gopher', '1', '--json', ...why], ['--json needs a --key']],
    [['adjust', 'gopher', '1', '--key', '', ...why], ['--key needs a text']],
    [['adjust', 'gopher', '1', '--reason', 'x'.repeat(10_000)], [text('not 10000')]],
    [['adjust', 'gopher', '1', '--reason', 'a\u001b[2J'], [text('control characters')]],
    [['adjust', 'gopher', '1', '--reason', 'a\u2028b'], [text('one line')]],
    [['recount', 'gopher', '--by', 'b\u001b[2J'], [text('--by must have no control characters')]],
    [['recount', 'gopher', '--by', 'b'.repeat(201)], ['--by has at most 200 characters, not 201']],
    [
      ['reverse', '2377225624', '1', '--reason', ' '],
      ['"1" is one operand too many', '--reason needs a text'],
    ],
    [
      ['recount', 'gopher', '--reason', 'x'],
      ['--reason is no option of recount', text('"x"')],
    ],
  ])('names everything that is wrong with %j', async (argv, problems) => {
    await expect(problemsOf(...argv)).resolves.toEqual(problems);
  });
});
