import { inspect } from 'node:util';
import type { Assignment, Part, PartReport } from '../part.js';
import { Random } from '../support/random.js';
import { AccrualTruth } from './accrual/truth.js';
import { KINDS } from './disturbances.js';
import { Findings } from './findings.js';
import { Stage } from './stage.js';
import { storm } from './storm.js';

/**
 * Storms are about so long: whoever lives longer would be remembered for ever, and checked in full
 * only at the end.
 */
const STORM_SECONDS = 60;

/**
 * A storm of so many seconds has time for every kind of disturbance; one that never came about has
 * tested nothing.
 */
const ENOUGH_SECONDS = 45;

export const CHAOS: Part = {
  name: 'chaos',
  meaning:
    'replicas and the database are killed, paused and cut off under clients that retry, beside a lying accrual system',
  share: 3,
  byDefault: true,
  run,
};

async function run(assignment: Assignment): Promise<PartReport> {
  const { seed, seconds, stopping } = assignment;
  const say = (line: string): void => assignment.say(line);
  const random = new Random(seed).fork('chaos');
  const findings = new Findings(seed);
  const truth = new AccrualTruth(random.fork('accrual system'));
  say('starting the database and the replicas');
  const stage = await Stage.setUp(truth, findings, stopping);
  try {
    await stage.startReplicas();
    const deadline = Date.now() + seconds * 1_000;
    for (let number = 1; !stopping.aborted && !findings.areBad; number++) {
      const left = (deadline - Date.now()) / 1_000;
      if (number > 1 && left < STORM_SECONDS / 2) break;
      const length = left < 2 * STORM_SECONDS ? Math.max(left, 10) : STORM_SECONDS;
      await storm({
        stage,
        truth,
        findings,
        number,
        say,
        stopping,
        seconds: length,
        random: random.fork(`storm ${number}`),
      });
    }
    if (!stopping.aborted && !findings.areBad && seconds >= ENOUGH_SECONDS) demandAll(findings);
  } catch (error) {
    // What was found before is worth no less.
    if (!stopping.aborted) findings.violation(`the run broke down: ${inspect(error)}`);
  } finally {
    await stage.stop();
  }
  return { facts: facts(findings), violations: withFolder(findings, stage.folder) };
}

function demandAll(findings: Findings): void {
  for (const kind of KINDS)
    if (findings.of(`disturbance: ${kind}`) === 0) nothingTested(kind, findings);
  for (const cut of ['undelivered', 'unanswered'])
    if (findings.of(`COMMITs cut: ${cut}`) === 0) nothingTested(`cut, ${cut}`, findings);
  for (const what of [
    'lost answers',
    'orders parked and put back',
    'withdrawals made',
    'withdrawals refused',
    'orders credited',
  ]) {
    if (findings.of(what) === 0) nothingTested(what, findings);
  }
}

function nothingTested(what: string, findings: Findings): void {
  findings.violation(`"${what}" never came about: nothing was tested`);
}

function facts(findings: Findings): PartReport['facts'] {
  const counted = [
    'seconds of storm',
    'uploads accepted',
    'orders settled',
    'orders credited',
    'withdrawals made',
    'withdrawals refused',
    'reads checked',
    'retries',
    'lost answers',
    'answers 503 to writes',
    'orders parked and put back',
    'late verdicts of workers, fenced off',
    'starts of a replica that failed and were repeated',
    'longest wait for an answer, ms',
    'longest graceful stop, ms',
    'slowest way back to a quiet queue, ms',
    'most memory of a replica, MB',
  ];
  return {
    ...Object.fromEntries(counted.map((what) => [what, findings.of(what)])),
    disturbances: findings.under('disturbance: '),
    'COMMITs cut': findings.under('COMMITs cut: '),
    'replies of the accrual system': findings.under('reply: '),
    ...(findings.firstViolationAfter !== undefined && {
      'first violation after, s': findings.firstViolationAfter,
    }),
  };
}

function withFolder({ violations }: Findings, folder: string): string[] {
  return violations.length === 0 ? [] : [...violations, `logs and database are kept in ${folder}`];
}
