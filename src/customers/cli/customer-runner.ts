import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Corrected } from '../../account/index.js';
import type { Money } from '../../kernel/domain/money.js';
import type { OrderNumber } from '../../kernel/domain/order-number.js';
import type { ExitCode, Print } from '../../platform/cli/command-line.js';
import {
  AdjustPoints,
  type Correction,
  RecountAccount,
  ReverseWithdrawal,
} from '../application/correct-customer.js';
import { type CustomerName, CustomerOverview } from '../application/ports.js';
import { AccessRunner } from './access-runner.js';
import { customerLines, jsonOfCorrected, orderLines } from './customer-format.js';
import { missing, NamedCustomers, refusable } from './named-customers.js';

/** Points that an operator gives or takes. */
interface Adjusted extends Correction {
  readonly sum: Money;
  readonly isTaken: boolean;
  readonly key: string | undefined;
}

/** Does what `npm run customer` was told, and says what it did. */
@Injectable()
export class CustomerRunner {
  constructor(
    private readonly customers: NamedCustomers,
    private readonly overview: CustomerOverview,
    private readonly adjustPoints: AdjustPoints,
    private readonly reverseWithdrawal: ReverseWithdrawal,
    private readonly recountAccount: RecountAccount,
    /** What operators do to a customer's access. */
    readonly access: AccessRunner,
  ) {}

  show(name: CustomerName, json: boolean, print: Print): Promise<ExitCode> {
    return this.customers.of(name, print, async (id) => {
      const facts = await this.overview.customer(id);
      if (!facts) return missing(name, print);
      const lines = json ? [JSON.stringify(facts)] : customerLines(facts);
      lines.forEach((line) => print(line));
      return 0;
    });
  }

  async order(number: string, json: boolean, print: Print): Promise<ExitCode> {
    const facts = await this.overview.order(number);
    if (!facts) {
      print(`${number}: neither uploaded nor paid for`);
      return 1;
    }
    const lines = json ? [JSON.stringify(facts)] : orderLines(facts);
    lines.forEach((line) => print(line));
    return 0;
  }

  adjust(
    name: CustomerName,
    { key: given, ...adjustment }: Adjusted,
    json: boolean,
    print: Print,
  ): Promise<ExitCode> {
    return this.customers.of(name, print, async (userId) => {
      const key = given ?? randomUUID();
      // Before anything changes: whoever loses the answer repeats it with this key.
      if (given === undefined) print(`key: ${key}`);
      return refusable(print, async () => {
        const corrected = await this.adjustPoints.execute({ ...adjustment, userId, key });
        const { sum, isTaken, by } = adjustment;
        const done = `${isTaken ? 'took' : 'gave'} ${sum.toString()}`;
        say(print, json, corrected, corrected.isNew ? `${done}, by ${by}` : 'done before', { key });
        return 0;
      });
    });
  }

  reverse(
    number: OrderNumber,
    correction: Correction,
    json: boolean,
    print: Print,
  ): Promise<ExitCode> {
    return refusable(print, async () => {
      const corrected = await this.reverseWithdrawal.execute(number, correction);
      const done = `gave back what was spent on ${number.value}, by ${correction.by}`;
      say(print, json, corrected, corrected.isNew ? done : 'given back before');
      return 0;
    });
  }

  recount(
    name: CustomerName,
    given: Omit<Correction, 'reason'>,
    json: boolean,
    print: Print,
  ): Promise<ExitCode> {
    return this.customers.of(name, print, (userId) =>
      refusable(print, async () => {
        const corrected = await this.recountAccount.execute(userId, given);
        const done = `set to what the entries add up to, by ${given.by}`;
        say(print, json, corrected, corrected.isNew ? done : 'the account agrees with its entries');
        return 0;
      }),
    );
  }
}

function say(print: Print, json: boolean, corrected: Corrected, done: string, more = {}): void {
  if (json) return print(JSON.stringify({ ...jsonOfCorrected(corrected), ...more }));
  const { before, after } = corrected;
  print(`${after.userId}: ${done}`);
  print(`balance ${before.balance.toFixed()} → ${after.balance.toFixed()}`);
  if (!before.withdrawn.equals(after.withdrawn))
    print(`withdrawn ${before.withdrawn.toFixed()} → ${after.withdrawn.toFixed()}`);
}
