import { join } from 'node:path';
import { type Bucket, Histogram } from '../measure/histogram.js';
import type { LoadResult } from '../measure/round.js';
import { startChild } from '../stage/child.js';
import type { LimitOrder } from './order.js';

/** What the program has seen. */
export interface LeanResult {
  readonly transactions: number;
  readonly seconds: number;
  readonly buckets: readonly Bucket[];
  readonly cpuSeconds: number;
}

/**
 * Where there is no pgbench: the driver that the service uses, with nothing around it, in a process
 * of its own.
 */
export async function runLeanClient(order: LimitOrder, stopping: AbortSignal): Promise<LoadResult> {
  // A bigint does not pass between processes.
  const child = await startChild(
    join(import.meta.dirname, 'lean-client-main.ts'),
    { ...order, firstNumber: String(order.firstNumber) },
    stopping,
  );
  try {
    await child.next();
    child.send({});
    const { transactions, seconds, buckets, cpuSeconds } = await child.next<LeanResult>();
    return {
      requests: transactions,
      seconds,
      latencies: Histogram.of(buckets),
      generatorSeconds: cpuSeconds,
      failures: {},
    };
  } finally {
    await child.end();
  }
}
