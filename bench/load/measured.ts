import { join } from 'node:path';
import {
  answer,
  nextMessage,
  receiveOrder,
  startChild,
} from '../../test/support/processes/child.js';
import { type Bucket, Histogram } from '../../test/support/processes/histogram.js';

/** What a load generator, or a client of the database, has seen. */
export interface LoadResult {
  /** Answered as they should be. */
  readonly requests: number;
  readonly seconds: number;
  /** Of those requests. */
  readonly latencies: Histogram;
  /** Seconds of CPU that the generator itself has used. */
  readonly generatorSeconds: number;
  /** What else came, by kind: all of it is reported, and fails the run. */
  readonly failures: Readonly<Record<string, number>>;
}

/** What a generator's process counts while it runs, and what it tells of it. */
interface Told {
  readonly seconds: number;
  readonly generatorSeconds: number;
  readonly failures: Readonly<Record<string, number>>;
  readonly latencies: readonly (readonly Bucket[])[];
}

export class Tally {
  readonly failures: Record<string, number> = {};

  /** @param latencies a histogram for each thing that is measured. */
  constructor(readonly latencies: readonly Histogram[] = [new Histogram()]) {}

  /** @param began when the request was due, of `performance.now()`. */
  record(began: number): void {
    this.latencies[0]?.recordSince(began);
  }

  fail(kind: string): void {
    this.failures[kind] = (this.failures[kind] ?? 0) + 1;
  }
}

/**
 * The frame of a generator's process: gets ready, says so, waits for its cue, and tells what it has
 * seen. @param prepare makes the work, which is given the time at which it begins.
 */
export async function generate(
  tally: Tally,
  prepare: (order: never) => Promise<(began: number) => Promise<unknown>>,
): Promise<void> {
  const work = await prepare(await receiveOrder<never>());
  answer({ ready: true });
  await nextMessage();
  const cpu = process.cpuUsage();
  const began = performance.now();
  await work(began);
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  answer({
    seconds,
    generatorSeconds: (user + system) / 1e6,
    failures: tally.failures,
    latencies: tally.latencies.map(({ buckets }) => buckets),
  } satisfies Told);
}

/** A generator that is connected, and waits for its cue. */
export interface Ready {
  /** @returns a result for each of the tally's histograms. */
  run(): Promise<LoadResult[]>;
  end(): Promise<void>;
}

/** @param program a file of bench/. */
export async function prepareGenerator(
  program: string,
  order: object,
  stopping: AbortSignal,
): Promise<Ready> {
  const child = await startChild(join(import.meta.dirname, '..', program), order, stopping);
  await child.next();
  return {
    async run() {
      child.send({});
      const { latencies, ...told } = await child.next<Told>();
      return latencies
        .map((buckets) => Histogram.of(buckets))
        .map((each) => ({ ...told, requests: each.count, latencies: each }));
    },
    end: () => child.end(),
  };
}

/** Lets generators begin at the same time. @returns what each has seen, as {@link Ready.run}. */
export async function runGenerators(
  program: string,
  orders: readonly object[],
  stopping: AbortSignal,
): Promise<LoadResult[][]> {
  const all = await Promise.all(orders.map((each) => prepareGenerator(program, each, stopping)));
  try {
    return await Promise.all(all.map((generator) => generator.run()));
  } finally {
    await Promise.all(all.map((generator) => generator.end()));
  }
}

/** What several generators have seen of one service, or of several replicas. */
export function together(results: readonly LoadResult[]): LoadResult {
  const latencies = new Histogram();
  const failures: Record<string, number> = {};
  const total = (of: (result: LoadResult) => number): number =>
    results.reduce((sum, result) => sum + of(result), 0);
  for (const result of results) {
    latencies.add(result.latencies.buckets);
    for (const [kind, count] of Object.entries(result.failures))
      failures[kind] = (failures[kind] ?? 0) + count;
  }
  return {
    requests: total(({ requests }) => requests),
    seconds: Math.max(...results.map(({ seconds }) => seconds)),
    latencies,
    generatorSeconds: total(({ generatorSeconds }) => generatorSeconds),
    failures,
  };
}
