import { setTimeout as pause } from 'node:timers/promises';
import { median } from '../test/support/processes/histogram.js';
import { cpuSeconds, peakMegabytes, serverCpuSeconds } from '../test/support/processes/proc.js';
import type { ServiceProcess } from '../test/support/processes/service-process.js';
import type { Bench, Length } from './bench.js';
import type { RowCount } from './books/checks.js';
import type { SignedIn } from './books/users.js';
import { LIMIT_CONNECTIONS, runLimit } from './limit/limit.js';
import type { Transaction } from './limit/transactions.js';
import { runLoad } from './load/load.js';
import { type LoadResult, prepareGenerator } from './load/measured.js';
import type { Call, LoadOrder } from './load/requests.js';

/** One round of load, as it goes into the report. */
export interface Round {
  readonly requests: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** NaN where there is no caller who waits. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Seconds of CPU. */
  readonly cpu: { readonly service: number; readonly postgres: number; readonly generator: number };
  /** The most that one of the services ever had resident. */
  readonly megabytes: number;
}

/** Measures for so many seconds. */
export type Measure<R extends Round = Round> = (seconds: number) => Promise<R>;

/** As the goals are stated. */
export const CONNECTIONS = 50;

/** Everybody's rounds, in the order of the turns. */
export type Rounds<Measures> = {
  [Name in keyof Measures]: Measures[Name] extends Measure<infer R> ? R[] : never;
};

/**
 * Warms everybody up, then gives each a round in turn, there and back again: what slows the machine
 * down for a while slows all of them.
 */
export async function inTurns<Measures extends Readonly<Record<string, Measure>>>(
  bench: Bench,
  measures: Measures,
  { rounds, seconds, warmUpSeconds }: Length,
): Promise<Rounds<Measures>> {
  const all = Object.entries(measures).map(([name, measure]) => ({
    name,
    measure,
    seen: [] as Round[],
  }));
  for (const { name, measure } of warmUpSeconds > 0 ? all : []) {
    bench.say(`warming up: ${name}`);
    await measure(warmUpSeconds);
  }
  for (let turn = 1; turn <= rounds; turn++) {
    for (const { name, measure, seen } of turn % 2 === 1 ? all : all.toReversed()) {
      bench.say(`round ${turn} of ${rounds}: ${name}`);
      seen.push(await measure(seconds));
    }
  }
  return Object.fromEntries(all.map(({ name, seen }) => [name, seen])) as Rounds<Measures>;
}

/** Does `action` and measures what it costs. @param what names it where it fails. */
export async function measured<T extends LoadResult>(
  bench: Bench,
  services: readonly ServiceProcess[],
  what: string,
  action: () => Promise<T>,
): Promise<{ result: T; round: Round }> {
  const pids = services.map(({ pid }) => pid ?? NaN);
  const use = () => ({
    service: pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0),
    postgres: serverCpuSeconds(bench.server.postmaster),
  });
  const before = use();
  const result = await action();
  const after = use();
  for (const [kind, count] of Object.entries(result.failures))
    bench.report(`${what}: ${count} × ${kind}`);
  const cpu = {
    service: after.service - before.service,
    postgres: after.postgres - before.postgres,
    generator: result.generatorSeconds,
  };
  const megabytes = Math.max(...pids.map(peakMegabytes));
  return { result, round: roundOf(result, cpu, megabytes) };
}

export function roundOf(result: LoadResult, cpu: Round['cpu'], megabytes: number): Round {
  const { requests, seconds, latencies } = result;
  return {
    requests,
    seconds,
    perSecond: requests / seconds,
    p50Ms: latencies.percentile(50),
    p99Ms: latencies.percentile(99),
    cpu,
    megabytes,
  };
}

/** Turns of one service, as one round. The waits are those of the median turn. */
export function together(turns: readonly Round[]): Round {
  const sum = (of: (turn: Round) => number): number =>
    turns.reduce((all, turn) => all + of(turn), 0);
  const [requests, seconds] = [sum((turn) => turn.requests), sum((turn) => turn.seconds)];
  return {
    requests,
    seconds,
    perSecond: requests / seconds,
    p50Ms: median(turns.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(turns.map(({ p99Ms }) => p99Ms)),
    cpu: {
      service: sum(({ cpu }) => cpu.service),
      postgres: sum(({ cpu }) => cpu.postgres),
      generator: sum(({ cpu }) => cpu.generator),
    },
    megabytes: Math.max(...turns.map(({ megabytes }) => megabytes)),
  };
}

export interface UnderLoad {
  /** The connections are shared out among them. */
  readonly services: readonly ServiceProcess[];
  readonly call: Call;
  readonly query?: string;
  readonly users: SignedIn;
  /** Keeps count of what a writing call has answered. */
  readonly count?: RowCount | undefined;
}

/** The service, kept busy on 50 connections. */
export function underLoad(
  bench: Bench,
  { services, call, query, users, count }: UnderLoad,
): Measure {
  return async (seconds) => {
    const orders = services.map(({ url }, i) => ({
      url,
      call,
      query,
      users: users.file,
      prefix: bench.prefixes.next(),
      connections: share(CONNECTIONS, services.length, i),
      seconds,
    }));
    const { round } = await measured(bench, services, call, () => runLoad(orders, bench.stopping));
    count?.add(round.requests, CONNECTIONS);
    return round;
  };
}

export interface PlainSql {
  readonly database: string;
  readonly transaction: Transaction;
  /** Users 1 to this one have their turn. */
  readonly users: number;
  readonly count?: RowCount;
}

/** The same rows by a lean client of the database, one transaction each. */
export function plainSql(bench: Bench, { database, transaction, users, count }: PlainSql): Measure {
  return async (seconds) => {
    const order = {
      uri: bench.server.uri(database),
      transaction,
      users,
      firstNumber: bench.numbers.next(),
      seconds,
      folder: bench.folder,
    };
    const { round } = await measured(bench, [], `plain SQL of ${transaction.name}`, () =>
      runLimit(order, bench.stopping),
    );
    count?.add(round.requests, LIMIT_CONNECTIONS);
    return round;
  };
}

/** A load that comes at a pace of its own, whatever becomes of it. */
export interface Neighbour {
  readonly what: string;
  readonly order: Omit<LoadOrder, 'prefix' | 'seconds'>;
  /** How the service may answer it besides with success. */
  readonly refusal?: string;
}

/** Everybody else's round, and what was seen of the neighbour. */
export interface DisturbedRound extends Round {
  /** Requests of the neighbour in a second, however they were answered. */
  readonly sent: number;
  /** Of them, those that succeeded. */
  readonly succeeded: number;
  readonly neighbourP50Ms: number;
}

/** The neighbour is there for so long before a round, and again after it, in seconds. */
const MARGIN_S = 1;

export function beside(
  bench: Bench,
  others: Measure,
  { what, order, refusal }: Neighbour,
): Measure<DisturbedRound> {
  return async (roundSeconds) => {
    const seconds = roundSeconds + 2 * MARGIN_S;
    const told = { ...order, prefix: bench.prefixes.next(), seconds };
    const generator = await prepareGenerator('load/sockets-main.ts', told, bench.stopping);
    try {
      const within = async (): Promise<Round> => {
        await pause(MARGIN_S * 1_000, undefined, { signal: bench.stopping });
        return others(roundSeconds);
      };
      const [round, [seen]] = await Promise.all([within(), generator.run()]);
      if (!seen) throw new Error('the generator has measured nothing');
      for (const [kind, count] of Object.entries(seen.failures))
        if (kind !== refusal) bench.report(`${what}: ${count} × ${kind}`);
      const failed = Object.values(seen.failures).reduce((sum, count) => sum + count, 0);
      return {
        ...round,
        sent: (seen.requests + failed) / seconds,
        succeeded: seen.requests / seen.seconds,
        neighbourP50Ms: seen.latencies.percentile(50),
      };
    } finally {
      await generator.end();
    }
  };
}

/** The i-th share of `whole`, in shares that differ by one at most. */
function share(whole: number, shares: number, i: number): number {
  return Math.floor((whole * (i + 1)) / shares) - Math.floor((whole * i) / shares);
}
