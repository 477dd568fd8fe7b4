import { setTimeout as pause } from 'node:timers/promises';
import type { Findings } from '../findings.js';
import type { Assignment, Part } from '../part.js';
import { Random } from '../support/random.js';
import { onSite, type Site, type Told } from '../support/site.js';
import { AccrualAnswers } from '../support/accrual-answers.js';
import { anyOf, type Circumstances, Crowd } from '../customers/crowd.js';
import { Deployment } from '../support/deployment.js';
import { disturb, type Kind, KINDS } from './disturbances.js';

/** Customers of a storm are checked in full at its end: it must not last too long. */
const STORM_SECONDS = 60;
/** A storm this long has time for every disturbance, so each must have come. */
const ENOUGH_SECONDS = 45;

const CUSTOMERS = 48;

/** How long a storm goes on after a violation, to find what belongs to it. */
const AFTER_A_VIOLATION_MS = 3_000;

export const CHAOS: Part = {
  name: 'chaos',
  meaning:
    'kills, pauses and cuts off replicas and database under customers and operators who retry, ' +
    'beside a faulty accrual system',
  share: 3,
  byDefault: true,
  run: (assignment) => onSite(assignment, (site) => run(assignment, site)),
};

/** What every storm is made of. */
type Setting = Assignment & Circumstances;

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
  'lists read in pages',
  'log-outs',
  'passwords changed',
  'adjustments made',
  'adjustments refused',
  'withdrawals given back',
  'customers blocked for a while',
  'corrections repeated after a lost answer',
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
  const { deployment, findings, stopping, say } = setting;
  const crowd = new Crowd(setting, number, CUSTOMERS);
  try {
    const disturbedUntil = await liveThroughStorm(setting, number, crowd);
    if (stopping.aborted) return;
    await crowd.untilQuiet();
    findings.peak('slowest way back to a quiet queue, ms', Date.now() - disturbedUntil);
    await deployment.countLateResolutions();
    say(`storm ${number}: checking ${CUSTOMERS} customers and the books`);
    await crowd.check();
  } finally {
    crowd.close();
  }
}

/** Resolves, with the time of the last disturbance's end, when every customer has been answered. */
async function liveThroughStorm(
  { deployment, findings, random, seconds, say, stopping }: Setting,
  number: number,
  crowd: Crowd,
): Promise<number> {
  const cutShort = new AbortController();
  const over = anyOf(cutShort.signal, stopping);
  deployment.accrual.beFaulty();
  const start = Date.now();
  crowd.live(over);
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
  await crowd.untilAnswered();
  findings.count('seconds of storm', Math.round((Date.now() - start) / 1_000));
  if (disturbed.status === 'rejected' && !stopping.aborted) throw disturbed.reason;
  return disturbedUntil;
}

function progress(findings: Findings): string {
  const facts = ['uploads accepted', 'withdrawals made', 'adjustments made', 'lost answers'];
  return facts.map((fact) => `${findings.of(fact)} ${fact}`).join(', ');
}
