import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Findings } from '../findings.js';
import { type Kopecks, printKopecks } from '../support/kopecks.js';
import { type Operator, type Said, Unanswered } from '../support/operator.js';
import type { Random } from '../support/random.js';
import type { Customer } from './customer.js';
import type { Adjustment } from './memory/corrections.js';
import type { Withdrawal } from './memory/withdrawals.js';
import { GaveUp } from './retrying-client.js';

const BACK_OFF_MS = [50, 500] as const;
/** How long somebody is kept out. */
const BLOCKED_MS = [100, 2_500] as const;

/** What a command has changed; undefined where it was refused. */
interface Outcome {
  readonly changed: boolean | undefined;
  /** Attempts without an answer: they may have been carried out. */
  readonly lost: number;
  readonly says: string;
}

/**
 * Where an operator corrects what customers have: every method is a command that is repeated until
 * it is answered, remembered, and compared with what was known before.
 *
 * Each rejects with GaveUp when the run is over before there was an answer.
 */
export class Desk {
  /** The journal's lines of what was done, each of which must be there once. */
  readonly done: string[] = [];
  readonly #tooLate: Promise<never>;
  #things = 0;

  /** @param name of this operator alone. */
  constructor(
    readonly name: string,
    private readonly operator: Operator,
    private readonly random: Random,
    private readonly findings: Findings,
    /** Aborted when it is time to stop trying. */
    private readonly givingUp: AbortSignal,
  ) {
    this.#tooLate = once(givingUp, 'abort').then(() => {
      throw new Unanswered('there is no time left');
    });
    this.#tooLate.catch(() => undefined);
  }

  /** @param times at once, under one key. */
  async adjust(customer: Customer, sum: Kopecks, times = 1): Promise<void> {
    const { memory } = customer;
    const adjustment = memory.corrections.intend(`${this.name} adjustment ${++this.#things}`, sum);
    const mark = memory.mark();
    const told = await Promise.all(
      Array.from({ length: times }, () => this.#orderAdjustment(customer, adjustment)),
    );
    const complain = (what: string): void => customer.complain(`${print(adjustment)} ${what}`);
    adjustment.isMade = told.some(({ changed }) => changed !== undefined);
    if (adjustment.isMade) {
      this.#isDone('adjust', adjustment.key);
      this.findings.count('adjustments made');
      // Several may tell of it: where COMMITs were cut, nobody knows which of them it was.
      if (told.every(({ changed, lost }) => !changed && lost === 0)) complain('was made by nobody');
      return;
    }
    const spare = memory.atLeast(mark, adjustment) - memory.withdrawals.atMost;
    if (sum > 0n || spare >= -sum)
      complain(`was refused, though ${printKopecks(spare)} were there: ${told[0]?.says}`);
    this.findings.count('adjustments refused');
  }

  async adjustAgain(customer: Customer, adjustment: Adjustment): Promise<void> {
    const { changed, says } = await this.#orderAdjustment(customer, adjustment);
    if (changed !== false) customer.complain(`${print(adjustment)} was made again: ${says}`);
  }

  /** One key stands for one sum. */
  async misuse(customer: Customer, { key, sum }: Adjustment): Promise<void> {
    const { changed, says } = await this.#orderAdjustment(customer, { key, sum: 2n * sum });
    if (changed !== undefined) customer.complain(`${key} was used for another sum: ${says}`);
  }

  #orderAdjustment({ login }: Customer, { key, sum }: Adjustment): Promise<Outcome> {
    const said = ['--reason', key, '--key', key, '--note', key];
    return this.#order('adjust', login, printKopecks(sum), ...said);
  }

  async reverse(customer: Customer, withdrawal: Withdrawal): Promise<void> {
    const { number, reversedAt, isReversing } = withdrawal;
    withdrawal.isReversing = true;
    const note = `${this.name} reversal ${++this.#things}`;
    const said = ['--reason', 'sent back', '--note', note];
    const { changed, lost, says } = await this.#order('reverse', number, ...said);
    const complain = (what: string): void =>
      customer.complain(`a withdrawal for ${number} ${what}: ${says}`);
    if (changed === undefined) {
      complain('cannot be given back');
      return;
    }
    if (changed && reversedAt !== undefined) complain('was given back again');
    if (!changed && !isReversing && lost === 0) complain('was given back by nobody');
    customer.memory.withdrawals.reversed(withdrawal);
    if (isReversing) return;
    this.#isDone('reverse', note);
    this.findings.count('withdrawals given back');
  }

  /** Either the withdrawal comes first, and stands, or it is told that it was given back. */
  async race(customer: Customer, withdrawal: Withdrawal): Promise<void> {
    const { number, sum, isContested } = withdrawal;
    const again = (): Promise<unknown> =>
      customer.withdraw(number, sum, printKopecks(sum), isContested);
    await Promise.all([again(), this.reverse(customer, withdrawal), again()]);
  }

  /** Keeps a customer out for a while. */
  async block(customer: Customer, random: Random): Promise<void> {
    const { login, sessions } = customer;
    const why = `${this.name} block ${++this.#things}`;
    customer.isAttendedTo = true;
    const ending = sessions.ending();
    for (const command of ['block', 'unblock']) {
      if (command === 'unblock') sessions.unblocking();
      const { changed, lost, says } = await this.#order(command, login, '--reason', why);
      if (changed === undefined || (!changed && lost === 0))
        customer.complain(`${command} changed nothing: ${says}`);
      this.#isDone(command, why);
      if (command === 'unblock') continue;
      ending.certain();
      sessions.blocked();
      await pause(random.integer(...BLOCKED_MS));
    }
    ending.over();
    customer.isAttendedTo = false;
    this.findings.count('customers blocked for a while');
  }

  #isDone(command: string, note: string): void {
    this.done.push(`customer ${command}: ${note}`);
  }

  /** Repeats a command until it is answered, as operators do. @throws GaveUp */
  async #order(...command: string[]): Promise<Outcome> {
    for (let lost = 0; ; lost++) {
      if (this.givingUp.aborted) throw new GaveUp(`customer ${command.join(' ')}`, lost);
      try {
        const running = this.operator.run([...command, '--by', this.name, '--json']);
        return { ...outcomeOf(await Promise.race([running, this.#tooLate])), lost };
      } catch (error) {
        if (!(error instanceof Unanswered))
          this.findings.violation(`customer ${command[0]} failed`, String(error));
        this.findings.count('corrections repeated after a lost answer');
        await pause(this.random.fork(lost).integer(...BACK_OFF_MS));
      }
    }
  }
}

function outcomeOf({ code, lines }: Said): Omit<Outcome, 'lost'> {
  const says = lines.join(' ');
  if (code !== 0) return { changed: undefined, says };
  return { changed: (JSON.parse(says) as { changed: boolean }).changed, says };
}

function print({ key, sum }: Adjustment): string {
  return `${key}, of ${printKopecks(sum)},`;
}
