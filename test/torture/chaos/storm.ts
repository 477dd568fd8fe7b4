import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../support/random.js';
import type { AccrualTruth } from './accrual/truth.js';
import { checkBooks, checkStatements } from './checks/final-checks.js';
import { Client, GaveUp } from './customers/client.js';
import { Customer } from './customers/customer.js';
import { Habits } from './customers/habits.js';
import type { Kind } from './disturbances.js';
import type { Findings } from './findings.js';
import { Operator } from './operator.js';
import { disturb, schedule } from './schedule.js';
import type { Stage } from './stage.js';

const CUSTOMERS = 48;

/**
 * So long after the last disturbance every call must be answered, and the queue empty; in
 * milliseconds.
 */
const ANSWERED_WITHIN_MS = 40_000;
const QUIET_WITHIN_MS = 45_000;
const CHECKED_WITHIN_MS = 60_000;

/** A storm that found something goes on for so long, to find what belongs to it. */
const AFTER_A_VIOLATION_MS = 3_000;

export interface Weather {
  readonly stage: Stage;
  readonly truth: AccrualTruth;
  readonly findings: Findings;
  readonly random: Random;
  /** Counts the storms of the run, from 1. */
  readonly number: number;
  readonly seconds: number;
  readonly say: (line: string) => void;
  readonly stopping: AbortSignal;
}

/**
 * New customers, a time of disturbances, and a calm in which everything is settled and checked.
 * Nothing of it is remembered afterwards.
 */
export async function storm(weather: Weather): Promise<void> {
  const { stage, truth, findings, random, number, stopping } = weather;
  const givingUp = new AbortController();
  const client = new Client(stage.urls, findings, anyOf(givingUp.signal, stopping));
  const customers: Customer[] = [];
  const lives = Array.from({ length: CUSTOMERS }, (_, i) => {
    const own = random.fork(`customer ${i}`);
    const customer = new Customer(`customer ${number}-${i}`, own.fork('calls'), {
      client,
      truth,
      findings,
    });
    customers.push(customer);
    return new Habits(
      customer,
      own,
      `${number.toString().padStart(4, '0')}${i.toString().padStart(3, '0')}`,
      customers,
    );
  });
  const operator = new Operator(stage, findings);
  try {
    const disturbedUntil = await rage(weather, lives, customers, givingUp);
    if (stopping.aborted) return;
    await operator.untilQuiet(QUIET_WITHIN_MS, stopping);
    findings.peak('slowest way back to a quiet queue, ms', Date.now() - disturbedUntil);
    await stage.countLateVerdicts();
    weather.say(`storm ${number}: checking ${customers.length} customers and the books`);
    const deadline = setTimeout(() => givingUp.abort(), CHECKED_WITHIN_MS);
    // Where calls went unanswered before, one more customer without an answer tells nothing new.
    if (!givingUp.signal.aborted)
      for (const each of customers) await checkStatements(each, stage.urls, stopping);
    clearTimeout(deadline);
    await checkBooks(stage, customers, findings);
  } finally {
    operator.stop();
    await client.close();
  }
}

/** Resolves, with the time of the last disturbance's end, when every customer has been answered. */
async function rage(
  weather: Weather,
  lives: readonly Habits[],
  customers: readonly Customer[],
  givingUp: AbortController,
): Promise<number> {
  const { stage, findings, random, number, seconds, say, stopping } = weather;
  const over = new AbortController();
  const signal = anyOf(over.signal, stopping);
  stage.accrual.lieAgain();
  const began = Date.now();
  const living = Promise.allSettled(lives.map((life) => life.live(signal)));
  const entries = schedule(random.fork('schedule'), seconds);
  const tell = (kind: Kind): void => say(`storm ${number}: ${kind}; ${progress(findings)}`);
  const disturbing = Promise.allSettled([
    disturb(entries, { stage, findings, random, stopping, over: signal, began: tell }),
  ]);
  await waitFor(seconds * 1_000, findings, signal);
  over.abort();
  const [disturbed] = await disturbing;
  stage.accrual.beHonest();
  const disturbedUntil = Date.now();
  const deadline = setTimeout(() => givingUp.abort(), ANSWERED_WITHIN_MS);
  const ends = await living;
  clearTimeout(deadline);
  findings.count('seconds of storm', Math.round((Date.now() - began) / 1_000));
  if (stopping.aborted) return disturbedUntil;
  if (disturbed.status === 'rejected') throw disturbed.reason;
  ends.forEach((end, i) => {
    if (end.status === 'fulfilled') return;
    if (!(end.reason instanceof GaveUp)) throw end.reason;
    customers[i]?.accuse(
      `${end.reason.message} within ${ANSWERED_WITHIN_MS} ms after the last disturbance`,
    );
  });
  return disturbedUntil;
}

/** Dozens of customers listen to it. */
function anyOf(...signals: AbortSignal[]): AbortSignal {
  const signal = AbortSignal.any(signals);
  setMaxListeners(0, signal);
  return signal;
}

async function waitFor(ms: number, findings: Findings, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + ms;
  while (Date.now() < deadline && !signal.aborted && !findings.areBad) await pause(100);
  if (findings.areBad) await pause(AFTER_A_VIOLATION_MS);
}

function progress(findings: Findings): string {
  const facts = ['uploads accepted', 'withdrawals made', 'reads checked', 'lost answers'];
  return facts.map((fact) => `${findings.of(fact)} ${fact}`).join(', ');
}
