import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Findings } from '../findings.js';
import type { Assignment, Part } from '../part.js';
import { Random } from '../support/random.js';
import { onSite, type Site, type Told } from '../support/site.js';
import { AccrualAnswers } from './accrual-answers.js';
import { Customer } from './customer.js';
import { Deployment } from './deployment.js';
import { disturb, type Kind, KINDS } from './disturbances.js';
import { checkBooks, checkCustomer } from './final-checks.js';
import { Habits } from './habits.js';
import { GaveUp, RetryingClient } from './retrying-client.js';

/** Customers of a storm are checked in full at its end: it must not last too long. */
const STORM_SECONDS = 60;
/** A storm this long has time for every disturbance, so each must have come. */
const ENOUGH_SECONDS = 45;

const CUSTOMERS = 48;

/** After the last disturbance all calls must be answered, and the queue be empty, within this. */
const ANSWERED_WITHIN_MS = 40_000;
const QUIET_WITHIN_MS = 45_000;
const CHECKED_WITHIN_MS = 60_000;

/** How long a storm goes on after a violation, to find what belongs to it. */
const AFTER_A_VIOLATION_MS = 3_000;

export const CHAOS: Part = {
  name: 'chaos',
  meaning:
    'kills, pauses and cuts off replicas and database under clients that retry, ' +
    'beside a faulty accrual system',
  share: 3,
  byDefault: true,
  run: (assignment) => onSite(assignment, (site) => run(assignment, site)),
};

/** What every storm is made of. */
interface Setting extends Assignment {
  readonly deployment: Deployment;
  readonly answers: AccrualAnswers;
  readonly findings: Findings;
  readonly random: Random;
}

async function run(assignment: Assignment, site: Site): Promise<Told> {
  const { seed, seconds, stopping, say } = assignment;
  const { findings } = site;
  const random = new Random(seed).fork('chaos');
  const answers = new AccrualAnswers(random.fork('accrual system'));
  say('starting the replicas');
  const deployment = await Deployment.start(site, answers, stopping);
  try {
    const deadline = Date.now() + seconds * 1_000;
    for (let number = 1; !stopping.aborted && !findings.areBad; number++) {
      const left = (deadline - Date.now()) / 1_000;
      if (number > 1 && left < STORM_SECONDS / 2) break;
      const length = left < 2 * STORM_SECONDS ? Math.max(left, 10) : STORM_SECONDS;
      const own = { deployment, answers, findings, random: random.fork(`storm ${number}`) };
      await storm({ ...assignment, ...own, seconds: length }, number);
    }
    if (!stopping.aborted && !findings.areBad && seconds >= ENOUGH_SECONDS) demandAll(findings);
  } finally {
    await deployment.stop();
  }
  const facts = Object.fromEntries(FACTS.map((what) => [what, findings.of(what)]));
  return { facts: { ...facts, ...findings.tallies } };
}

/** Those that must have come about in a storm that is long enough. */
const DEMANDED = [
  'uploads accepted',
  'orders settled',
  'orders credited',
  'withdrawals made',
  'withdrawals refused',
  'reads checked',
  'retries',
  'lost answers',
  'orders parked and put back',
];

const FACTS = [
  'seconds of storm',
  ...DEMANDED,
  'answers 503 to writes',
  'late resolutions, fenced off',
  'starts of a replica that failed and were repeated',
  'longest wait for an answer, ms',
  'longest graceful stop, ms',
  'slowest way back to a quiet queue, ms',
  'most memory of a replica, MB',
];

function demandAll(findings: Findings): void {
  const missing = [
    ...KINDS.filter((kind) => findings.timesOf('disturbances', kind) === 0),
    ...['undelivered', 'unanswered'].filter((cut) => findings.timesOf('COMMITs cut', cut) === 0),
    ...DEMANDED.filter((what) => findings.of(what) === 0),
  ];
  for (const what of missing)
    findings.violation(`"${what}" never came about, so it has tested nothing`);
}

/**
 * New customers, a time of disturbances, and a calm in which everything is settled and checked.
 * Nothing of it is remembered afterwards.
 */
async function storm(setting: Setting, number: number): Promise<void> {
  const { deployment, answers, findings, random, stopping, say } = setting;
  const givingUp = new AbortController();
  const client = new RetryingClient(deployment.urls, findings, anyOf(givingUp.signal, stopping));
  const customers: Customer[] = [];
  const habits = Array.from({ length: CUSTOMERS }, (_, i) => {
    const own = random.fork(`customer ${i}`);
    const login = `customer ${number}-${i}`;
    const customer = new Customer(login, own.fork('calls'), client, findings, answers);
    customers.push(customer);
    const prefix = `${number}`.padStart(4, '0') + `${i}`.padStart(3, '0');
    return new Habits(customer, own, prefix, customers);
  });
  try {
    const disturbedUntil = await liveThroughStorm(setting, number, habits, customers, givingUp);
    if (stopping.aborted) return;
    await deployment.untilQuiet(QUIET_WITHIN_MS);
    findings.peak('slowest way back to a quiet queue, ms', Date.now() - disturbedUntil);
    await deployment.countLateResolutions();
    say(`storm ${number}: checking ${customers.length} customers and the books`);
    const deadline = setTimeout(() => givingUp.abort(), CHECKED_WITHIN_MS);
    // Where calls went unanswered before, one more customer without an answer tells nothing new.
    if (!givingUp.signal.aborted)
      for (const each of customers) await checkCustomer(each, deployment.urls, stopping);
    clearTimeout(deadline);
    await checkBooks(deployment, customers, findings, stopping);
  } finally {
    client.close();
  }
}

/** Resolves, with the time of the last disturbance's end, when every customer has been answered. */
async function liveThroughStorm(
  { deployment, findings, random, seconds, say, stopping }: Setting,
  number: number,
  habits: readonly Habits[],
  customers: readonly Customer[],
  givingUp: AbortController,
): Promise<number> {
  const cutShort = new AbortController();
  const over = anyOf(cutShort.signal, stopping);
  deployment.accrual.beFaulty();
  const start = Date.now();
  const living = Promise.allSettled(habits.map((each) => each.live(over)));
  const began = (kind: Kind): void => say(`storm ${number}: ${kind}; ${progress(findings)}`);
  const context = { deployment, findings, random, stopping };
  const disturbing = Promise.allSettled([disturb({ ...context, seconds, over, began })]);
  while (Date.now() < start + seconds * 1_000 && !over.aborted && !findings.areBad)
    await pause(100);
  if (findings.areBad) await pause(AFTER_A_VIOLATION_MS);
  cutShort.abort();
  const [disturbed] = await disturbing;
  deployment.accrual.beReliable();
  const disturbedUntil = Date.now();
  const deadline = setTimeout(() => givingUp.abort(), ANSWERED_WITHIN_MS);
  const ends = await living;
  clearTimeout(deadline);
  findings.count('seconds of storm', Math.round((Date.now() - start) / 1_000));
  if (stopping.aborted) return disturbedUntil;
  if (disturbed.status === 'rejected') throw disturbed.reason;
  ends.forEach((end, i) => {
    if (end.status === 'fulfilled') return;
    if (!(end.reason instanceof GaveUp)) throw end.reason;
    customers[i]?.complain(`${end.reason.message} ${ANSWERED_WITHIN_MS} ms after the storm`);
  });
  return disturbedUntil;
}

/** Dozens of customers listen to it. */
function anyOf(...signals: AbortSignal[]): AbortSignal {
  const signal = AbortSignal.any(signals);
  setMaxListeners(0, signal);
  return signal;
}

function progress(findings: Findings): string {
  const facts = ['uploads accepted', 'withdrawals made', 'reads checked', 'lost answers'];
  return facts.map((fact) => `${findings.of(fact)} ${fact}`).join(', ');
}
