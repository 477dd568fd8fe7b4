import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { AccrualAnswers } from '../support/accrual-answers.js';
import { Deployment, type ReplicaOptions } from '../support/deployment.js';
import type { Findings } from '../findings.js';
import type { Assignment, Part } from '../part.js';
import { Random } from '../support/random.js';
import { onSite, type Site, type Told } from '../support/site.js';
import { type Fault, FAULTS, type Place } from './catalogue.js';
import { SmallDisk } from './small-disk.js';
import { underWatch } from './under-watch.js';
import { isRead, isUsual, type Seen, Watch } from './watch.js';

const STEPPING_CLOCK = new URL('stepping-clock.mjs', import.meta.url).href;

/** What the sessions of another country's database begin with. */
const ABROAD = {
  TimeZone: 'Europe/Moscow',
  DateStyle: 'German',
  extra_float_digits: '0',
  default_transaction_isolation: 'serializable',
};

export const FAULTS_PART: Part = {
  name: 'faults',
  meaning:
    'one fault after another around the service: silence, stalls, locks, a read-only or full ' +
    'database, no connections, clocks that are set',
  share: 0,
  byDefault: true,
  run: (assignment) => onSite(assignment, (site) => run(assignment, site)),
};

async function run(assignment: Assignment, site: Site): Promise<Told> {
  const { seed, stopping, say } = assignment;
  const { database, findings } = site;
  await database.session('template1', async (query) => {
    for (const [name, value] of Object.entries(ABROAD))
      await query(`ALTER DATABASE postgres SET ${name} = '${value}'`);
  });
  const disk = await SmallDisk.mount(database);
  const clockFile = join(database.folder, 'clock');
  writeFileSync(clockFile, '0');
  const full = openSync('/dev/full', 'w');
  const random = new Random(seed).fork('faults');
  const answers = new AccrualAnswers(random.fork('accrual system'));
  const replicas: ReplicaOptions[] = [
    {},
    { flags: [`--import=${STEPPING_CLOCK}`], settings: { CLOCK_FILE: clockFile } },
    { outputs: [full, full], settings: { LOG_LEVEL: 'debug' } },
  ];
  say('starting the replicas');
  const deployment = await Deployment.start(site, answers, stopping, replicas);
  try {
    const circumstances = { deployment, answers, findings, random, stopping };
    const rows: string[][] = [];
    const leftOut: string[] = [];
    const facts = await underWatch(circumstances, say, async (watch) => {
      for (const fault of FAULTS) {
        if (stopping.aborted) return;
        say(fault.name);
        const place = { deployment, disk, clockFile };
        const row = await suffer(fault, place, watch, findings, stopping);
        if (row) rows.push(row);
        else leftOut.push(fault.name);
      }
    });
    return {
      facts: {
        ...facts,
        ...(leftOut.length > 0 && { 'left out, this user may not': leftOut.join(', ') }),
      },
      table: { columns: COLUMNS, rows },
    };
  } finally {
    await deployment.stop();
    await disk?.unmount();
    closeSync(full);
  }
}

const COLUMNS = ['fault', 'reads', 'writes', 'slowest, ms', 'as before after, ms'];

/** @returns a row of the table; undefined where the fault cannot be done here. */
async function suffer(
  fault: Fault,
  place: Place,
  watch: Watch,
  findings: Findings,
  stopping: AbortSignal,
): Promise<string[] | undefined> {
  const began = performance.now();
  const end = await fault.begin(place);
  if (!end) return undefined;
  await pause(fault.lastsMs, undefined, { signal: stopping }).catch(() => undefined);
  await end();
  const ended = performance.now();
  const normalMs = await watch.untilNormal(ended, fault.name);
  const seen = watch.since(began);
  for (const each of seen) judge(each, fault, watch, findings);
  if (fault.bites && !seen.some(({ status }) => status === 503))
    findings.violation(`"${fault.name}" made nothing fail, so it has tested nothing`);
  const slowest = Math.max(...seen.map(({ ms }) => ms));
  const [reads, writes] = [seen.filter(isRead), seen.filter((each) => !isRead(each))];
  return [fault.name, tally(reads), tally(writes), slowest.toFixed(0), `${normalMs}`];
}

function judge(seen: Seen, { name, serves }: Fault, watch: Watch, findings: Findings): void {
  const { kind, status, ms } = seen;
  const mustServe = serves === 'all' || (serves === 'reads' && isRead(seen));
  if (!isUsual(seen) && (mustServe || status !== 503))
    findings.violation(`under "${name}" a call, ${kind}, was answered ${status || 'not at all'}`);
  if (ms > watch.longestMs)
    findings.violation(
      `under "${name}" a caller waited longer than ${Math.round(watch.longestMs)} ms`,
      `${kind}: ${Math.round(ms)} ms`,
    );
}

function tally(seen: readonly Seen[]): string {
  const counts = new Map<number, number>();
  for (const { status } of seen) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([status, times]) => `${status} × ${times}`)
    .join(', ');
}
