import { aligned } from '../test/support/processes/console.js';
import { median } from '../test/support/processes/histogram.js';
import { type Bench, WORKER_OFF } from './bench.js';
import { RowCount } from './books/checks.js';
import { STANDARD } from './books/fill.js';
import { givePasswords, type SignedIn, signIn } from './books/users.js';
import { Backlog } from './crediting.js';
import type { Call } from './load/requests.js';
import { number, perSecond, rate, spread } from './report/figures.js';
import { cpuEach } from './report/print.js';
import { type Measure, type Round, underLoad } from './rounds.js';
import { HASHING_SECONDS } from './scenarios/reads.js';

/** A call that two builds are compared by. */
export interface ComparedCall {
  /** The scenario that names it on the command line. */
  readonly name: string;
  readonly what: string;
  readonly call: Exclude<Call, 'mix'> | 'credit';
  /** All requests are of one user. */
  readonly ofOne?: true;
  readonly counts?: 'orders' | 'withdrawals';
}

export const COMPARED: readonly ComparedCall[] = [
  { name: 'balance', what: 'GET balance', call: 'balance' },
  { name: 'orders', what: 'GET orders', call: 'orders' },
  { name: 'calls', what: 'GET withdrawals', call: 'withdrawals' },
  { name: 'upload', what: 'POST orders', call: 'upload', counts: 'orders' },
  {
    name: 'withdraw',
    what: 'POST withdraw, many accounts',
    call: 'withdraw',
    counts: 'withdrawals',
  },
  {
    name: 'withdraw',
    what: 'POST withdraw, one account',
    call: 'withdraw',
    ofOne: true,
    counts: 'withdrawals',
  },
  { name: 'cashback', what: 'orders credited', call: 'credit' },
  { name: 'calls', what: 'POST login', call: 'login' },
  { name: 'calls', what: 'POST register', call: 'register' },
];

/** The rounds of both builds; the i-th of one is a pair with the i-th of the other. */
export interface Comparison {
  readonly what: string;
  readonly ours: Round[];
  readonly theirs: Round[];
}

export interface Against {
  /** The folder of the other build. */
  readonly other: string;
  readonly pairs: number;
  readonly calls: readonly ComparedCall[];
}

/**
 * Measures one call after another, by pairs of fresh processes of both builds, in alternate order.
 * Each build has databases of its own, which it has migrated. @returns a comparison of each call.
 */
export async function compareBuilds(
  bench: Bench,
  { other, pairs, calls }: Against,
): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const call of calls) {
    const seen: Comparison = { what: call.what, ours: [], theirs: [] };
    const sides = [
      { measure: await side(bench, call), rounds: seen.ours },
      { measure: await side(bench, call, other), rounds: seen.theirs },
    ];
    for (let pair = 1; pair <= pairs; pair++) {
      bench.say(`${call.what}, pair ${pair} of ${pairs}`);
      for (const { measure, rounds } of pair % 2 === 1 ? sides : sides.toReversed())
        rounds.push(await measure(secondsOf(bench, call)));
    }
    comparisons.push(seen);
  }
  return comparisons;
}

/** @returns what starts a process of a build, warms it up, measures it, and stops it. */
async function side(bench: Bench, compared: ComparedCall, build?: string): Promise<Measure> {
  const { call, ofOne, counts } = compared;
  const database = await bench.books(STANDARD, build);
  if (call === 'credit') return new Backlog(bench, database, STANDARD.users).credited({ build });
  const users: SignedIn = ofOne ? signIn([1], bench.folder) : bench.everybody();
  if (call === 'login') {
    const service = await bench.service(database, {}, build);
    await givePasswords(service.url, bench.server, database);
    await bench.stop(service);
  }
  return async (seconds) => {
    const count = counts && (await RowCount.of(bench.server, database, counts));
    const service = await bench.service(database, call === 'upload' ? WORKER_OFF : {}, build);
    const measure = underLoad(bench, { services: [service], call, users, count });
    await measure(bench.options.core.warmUpSeconds);
    const round = await measure(seconds);
    await bench.stop(service);
    if (count) bench.report(...(await count.problems()));
    return round;
  };
}

function secondsOf({ options: { core } }: Bench, { call }: ComparedCall): number {
  return call === 'login' || call === 'register'
    ? Math.max(core.seconds, HASHING_SECONDS)
    : core.seconds;
}

/** Ratios above 1 say that this build answers more, or costs more. */
export function printComparisons(comparisons: readonly Comparison[]): string {
  const both = (of: (rounds: readonly Round[]) => number) => (each: Comparison) =>
    `${number(of(each.ours))} / ${number(of(each.theirs))}`;
  const cells: Record<string, (each: Comparison) => string> = {
    '': ({ what }) => what,
    'this / other': ({ ours, theirs }) => spread(rate(ours, theirs)),
    'per second': both((rounds) => median(perSecond(rounds))),
    'p99, ms': both((rounds) => median(rounds.map(({ p99Ms }) => p99Ms))),
    'service, µs': both((rounds) => cpuEach(rounds, 'service')),
    'PostgreSQL, µs': both((rounds) => cpuEach(rounds, 'postgres')),
    'resident, MB': both((rounds) => median(rounds.map(({ megabytes }) => megabytes))),
  };
  return aligned({
    columns: Object.keys(cells),
    rows: comparisons.map((each) => Object.values(cells).map((cell) => cell(each))),
  });
}
