import { cpuSeconds } from '../../test/support/processes/proc.js';
import { freePort, type ServiceProcess } from '../../test/support/processes/service-process.js';
import { type Bench, WORKER_OFF } from '../bench.js';
import { RowCount } from '../books/checks.js';
import { atLeast, atMost, type Figure, figure, rate, ratios } from '../report/figures.js';
import { inTurns, type Measure, type Round, underLoad } from '../rounds.js';
import type { Row, Scenario } from './scenario.js';

/** The calls that write have goals; how the others compare is good to know. */
const CALLS = [
  { call: 'upload', what: 'POST orders', counts: 'orders' },
  { call: 'withdraw', what: 'POST withdraw, many accounts', counts: 'withdrawals' },
  { call: 'balance', what: 'GET balance' },
  { call: 'orders', what: 'GET orders' },
] as const;

type Compared = (typeof CALLS)[number];

/** Of what the single process does with a second of CPU. */
const LEAST_WORK = atLeast(0.7);
/** A portal costs what HTTP costs; billing gets its commands in batches. */
const BILLING_SHARE = atMost(0.5);

/** A command's CPU falls for so many times as long as its speed rises, while code is compiled. */
const WARM_UP = 6;

/** Whom customers call, and on which books it works. */
interface Side {
  readonly database: string;
  readonly door: ServiceProcess;
}

interface Sides {
  readonly single: Side;
  readonly apart: Side & { readonly billing: ServiceProcess };
}

/** A round of a portal: `cpu.service` is the sum of both processes. */
interface PortalRound extends Round {
  /** Seconds of CPU. */
  readonly billingCpu: number;
}

/**
 * Work is counted by the CPU of the service's processes: two of them have more of the machine than
 * one. PostgreSQL's CPU is left out, for what it does is the same. All processes run all the time;
 * those whose turn it is not have next to nothing to do.
 */
export const PORTAL: Scenario = {
  name: 'portal',
  meaning: 'a portal that calls billing in another process against one process for both',
  async run(bench) {
    const sides = { single: await together(bench), apart: await apart(bench) };
    const rows: Row[] = [];
    const figures: Figure[] = [];
    for (const each of CALLS) {
      const found = await compare(bench, sides, each);
      rows.push(...found.rows);
      figures.push(...found.figures);
    }
    // A portal whose billing is gone would log that it is.
    await bench.stop(sides.apart.door);
    for (const { database } of [sides.single, sides.apart]) await bench.finish(database);
    return { rows, figures };
  },
};

async function together(bench: Bench): Promise<Side> {
  const { database, service } = await bench.start(WORKER_OFF);
  return { database, door: service };
}

async function apart(bench: Bench): Promise<Sides['apart']> {
  const database = await bench.books();
  const address = `127.0.0.1:${await freePort()}`;
  const secret = { RPC_SECRET: 'a secret of the bench and nobody else' };
  const billing = await bench.service(database, {
    ...secret,
    ROLES: 'billing',
    RPC_ADDRESS: address,
  });
  // It is told of a database, too, and has no use for it.
  const door = await bench.service(database, {
    ...secret,
    ROLES: 'portal',
    BILLING_ADDRESS: address,
  });
  return { database, door, billing };
}

async function compare(
  bench: Bench,
  { single, apart }: Sides,
  { call, what, ...writes }: Compared,
): Promise<{ rows: Row[]; figures: Figure[] }> {
  const users = bench.everybody();
  const counts: RowCount[] = [];
  const load = async ({ database, door }: Side): Promise<Measure> => {
    const count =
      'counts' in writes ? await RowCount.of(bench.server, database, writes.counts) : undefined;
    if (count) counts.push(count);
    return underLoad(bench, { services: [door], call, users, count });
  };
  const { core, side } = bench.options;
  const rounds = await inTurns(
    bench,
    { single: await load(single), portal: withBilling(await load(apart), apart.billing) },
    { ...side, warmUpSeconds: WARM_UP * core.warmUpSeconds },
  );
  for (const count of counts) bench.report(...(await count.problems()));
  const speed = rate(rounds.portal, rounds.single);
  const work = ratios(perCpuSecond(rounds.portal), perCpuSecond(rounds.single));
  const billing = rounds.portal.map((round) => round.billingCpu);
  const portal = rounds.portal.map(({ cpu }, i) => cpu.service - (billing[i] ?? NaN));
  const goals = 'counts' in writes ? { work: LEAST_WORK, share: BILLING_SHARE } : {};
  const each = (cpu: readonly number[]): number[] =>
    cpu.map((seconds, i) => (seconds / (rounds.portal[i]?.requests ?? NaN)) * 1e6);
  const by = `${what} by a portal`;
  return {
    rows: [
      { what: `${what}, one process`, rounds: rounds.single },
      { what: `${what}, portal and billing`, rounds: rounds.portal, ratios: speed },
    ],
    figures: [
      figure(`${by} / one process, per CPU second without PostgreSQL’s`, work, goals.work),
      figure(`${by}: CPU of the portal for one`, each(portal), undefined, 'µs'),
      figure(`${by}: CPU of billing for one`, each(billing), undefined, 'µs'),
      figure(`${by}: billing’s CPU / the portal’s`, ratios(billing, portal), goals.share),
      figure(`${by} / one process, per second`, speed),
    ],
  };
}

/** The same round, with what billing has spent in it. */
function withBilling(measure: Measure, { pid = NaN }: ServiceProcess): Measure<PortalRound> {
  return async (seconds) => {
    const before = cpuSeconds(pid);
    const round = await measure(seconds);
    const billingCpu = cpuSeconds(pid) - before;
    return { ...round, cpu: { ...round.cpu, service: round.cpu.service + billingCpu }, billingCpu };
  };
}

/** Requests for each second of CPU of the service. */
function perCpuSecond(rounds: readonly Round[]): number[] {
  return rounds.map(({ requests, cpu }) => requests / cpu.service);
}
