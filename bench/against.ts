import { aligned } from '../test/support/processes/console.js';
import { median } from '../test/support/processes/histogram.js';
import type { ServiceProcess } from '../test/support/processes/service-process.js';
import { type Bench, WORKER_OFF } from './bench.js';
import { RowCount } from './books/checks.js';
import { STANDARD } from './books/fill.js';
import { givePasswords, type SignedIn, signIn } from './books/users.js';
import { Backlog } from './crediting.js';
import type { Call } from './load/requests.js';
import { number, perSecond, rate, spread } from './report/figures.js';
import { cpuEach } from './report/print.js';
import { type Measure, type Round, together, underLoad } from './rounds.js';
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

/** How long one build is under load before it is the other one's turn, in seconds. */
const TURN_SECONDS = 1;

/** The rounds of both builds; the i-th of one is a pair with the i-th of the other. */
export interface Comparison {
  readonly what: string;
  readonly ours: Round[];
  readonly theirs: Round[];
  /** What must not happen; one fails the run. */
  readonly problems: readonly string[];
}

export interface Against {
  /** The folder of the other build. */
  readonly other: string;
  readonly pairs: number;
  readonly calls: readonly ComparedCall[];
}

/**
 * Measures one call after another, by pairs of fresh processes of both builds, which both run and
 * take turns: what slows the machine down for a while slows both. Each build has databases of its
 * own, which it has migrated. @returns a comparison of each call.
 */
export async function compareBuilds(bench: Bench, against: Against): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const call of against.calls) {
    const seen = { what: call.what, ours: [], theirs: [] };
    // What the other calls have come to must not be lost.
    await compareCall(bench, against, call, seen).catch((error: unknown) => {
      if (bench.stopping.aborted) throw error;
      bench.report(`could not be measured: ${error as Error}`);
    });
    comparisons.push({ ...seen, ...(await bench.clear()) });
  }
  return comparisons;
}

async function compareCall(
  bench: Bench,
  { other, pairs }: Against,
  call: ComparedCall,
  { ours, theirs }: { readonly ours: Round[]; readonly theirs: Round[] },
): Promise<void> {
  const [our, their] = [await side(bench, call), await side(bench, call, other)];
  const isHashing = call.call === 'login' || call.call === 'register';
  const seconds = Math.max(bench.options.core.seconds, isHashing ? HASHING_SECONDS : 0);
  // A worker finds a backlog of its own each time, and a hash takes long.
  const turnSeconds = isHashing || call.call === 'credit' ? seconds : TURN_SECONDS;
  const warmUpTurns = call.call === 'credit' ? 0 : bench.options.core.warmUpSeconds / TURN_SECONDS;
  for (let pair = 1; pair <= pairs; pair++) {
    bench.say(`${call.what}, pair ${pair} of ${pairs}`);
    const [ourMeasure, theirMeasure] = await Promise.all([our.start(), their.start()]);
    const running = [
      { measure: ourMeasure, turns: [] as Round[] },
      { measure: theirMeasure, turns: [] as Round[] },
    ] as const;
    const inTurn = (turn: number) => (turn % 2 === 1 ? running : running.toReversed());
    // In turns, too: a process that has just been warmed up is faster than one that has waited.
    for (let turn = pair; turn < pair + warmUpTurns; turn++)
      for (const { measure } of inTurn(turn)) await measure(TURN_SECONDS);
    for (let turn = pair; (turn - pair) * turnSeconds < seconds; turn++)
      for (const { measure, turns } of inTurn(turn)) turns.push(await measure(turnSeconds));
    await our.stop();
    await their.stop();
    ours.push(together(running[0].turns));
    theirs.push(together(running[1].turns));
  }
}

/** A build, as one call is measured. */
interface Side {
  /** Starts a process. */
  start(): Promise<Measure>;
  stop(): Promise<void>;
}

async function side(bench: Bench, compared: ComparedCall, build?: string): Promise<Side> {
  const { call, ofOne, counts } = compared;
  const database = await bench.books(STANDARD, build);
  if (call === 'credit') {
    const credited = new Backlog(bench, database, STANDARD.users).credited({ build });
    return { start: () => Promise.resolve(credited), stop: () => Promise.resolve() };
  }
  const users: SignedIn = ofOne ? signIn([1], bench.folder) : bench.everybody();
  if (call === 'login') {
    const service = await bench.service(database, {}, build);
    await givePasswords(service.url, bench.server, database);
    await bench.stop(service);
  }
  let count: RowCount | undefined;
  let service: ServiceProcess;
  return {
    start: async () => {
      count = counts && (await RowCount.of(bench.server, database, counts));
      service = await bench.service(database, call === 'upload' ? WORKER_OFF : {}, build);
      return underLoad(bench, { services: [service], call, users, count });
    },
    stop: async () => {
      await bench.stop(service);
      if (count) bench.report(...(await count.problems()));
    },
  };
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
