import { join } from 'node:path';
import { type Bucket, Histogram } from '../measure/histogram.js';
import type { LoadResult } from '../measure/round.js';
import { startChild } from '../stage/child.js';
import type { LoadOrder } from './order.js';

const PROGRAM = join(import.meta.dirname, 'sockets-main.ts');

export interface SocketsOrder extends LoadOrder {
  /** Requests that are due in a second; absent: as many as the service takes. */
  readonly perSecond?: number;
}

/** What the program has seen. */
export interface SocketsResult {
  readonly seconds: number;
  readonly buckets: readonly Bucket[];
  readonly statuses: Readonly<Record<number, number>>;
  /** Requests whose connection broke. */
  readonly broken: number;
  readonly cpuSeconds: number;
}

/** A generator that is connected, and waits for its cue. */
export interface ReadySockets {
  run(): Promise<SocketsResult>;
  end(): Promise<void>;
}

export async function prepareSockets(
  order: SocketsOrder,
  stopping: AbortSignal,
): Promise<ReadySockets> {
  const child = await startChild(PROGRAM, order, stopping);
  await child.next();
  return {
    run() {
      child.send({});
      return child.next<SocketsResult>();
    },
    end: () => child.end(),
  };
}

/** Lets the generators begin at the same time, and puts together what they have seen. */
export async function runSockets(
  orders: readonly SocketsOrder[],
  stopping: AbortSignal,
): Promise<LoadResult> {
  const generators = await Promise.all(orders.map((order) => prepareSockets(order, stopping)));
  try {
    return together(await Promise.all(generators.map((generator) => generator.run())));
  } finally {
    await Promise.all(generators.map((generator) => generator.end()));
  }
}

export function together(results: readonly SocketsResult[]): LoadResult {
  const latencies = new Histogram();
  const failures: Record<string, number> = {};
  const fail = (kind: string, count: number): unknown =>
    count > 0 && (failures[kind] = (failures[kind] ?? 0) + count);
  let requests = 0;
  for (const { buckets, statuses, broken } of results) {
    latencies.add(buckets);
    fail('broken connection', broken);
    for (const [status, count] of Object.entries(statuses)) {
      if (status.startsWith('2')) requests += count;
      else fail(`status ${status}`, count);
    }
  }
  return {
    requests,
    seconds: Math.max(...results.map(({ seconds }) => seconds)),
    latencies,
    generatorSeconds: results.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    failures,
  };
}
