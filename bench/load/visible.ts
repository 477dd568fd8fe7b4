import { join } from 'node:path';
import { type Bucket, Histogram } from '../measure/histogram.js';
import type { LoadResult } from '../measure/round.js';
import { startChild } from '../stage/child.js';
import type { LoadOrder } from './order.js';

/** What the program has seen. */
export interface VisibleResult {
  readonly seconds: number;
  readonly uploads: readonly Bucket[];
  readonly visible: readonly Bucket[];
  readonly failures: Readonly<Record<string, number>>;
  readonly cpuSeconds: number;
}

/**
 * One customer at a time, who uploads an order and looks at the balance until the points are there;
 * the clock of both starts when the upload is sent.
 */
export async function runVisible(
  order: LoadOrder,
  stopping: AbortSignal,
): Promise<{ uploads: LoadResult; visible: LoadResult }> {
  const child = await startChild(join(import.meta.dirname, 'visible-main.ts'), order, stopping);
  try {
    await child.next();
    child.send({});
    const { seconds, uploads, visible, failures, cpuSeconds } = await child.next<VisibleResult>();
    const result = (buckets: readonly Bucket[]): LoadResult => {
      const latencies = Histogram.of(buckets);
      return {
        requests: latencies.count,
        seconds,
        latencies,
        generatorSeconds: cpuSeconds,
        failures,
      };
    };
    return { uploads: result(uploads), visible: result(visible) };
  } finally {
    await child.end();
  }
}
