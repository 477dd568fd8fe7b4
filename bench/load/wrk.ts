import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Bucket, Histogram } from '../measure/histogram.js';
import { reapedCpuSeconds } from '../measure/processes.js';
import type { LoadResult } from '../measure/round.js';
import { type LoadOrder, PASSWORD } from './order.js';

const SCRIPT = join(import.meta.dirname, 'load.lua');

/** What the script prints at the end, and how many connections there were. */
interface Summary {
  readonly requests: number;
  readonly microseconds: number;
  readonly failures: Readonly<Record<string, number>>;
  readonly buckets: readonly Bucket[];
  readonly connections: number;
}

let version: Promise<string | undefined> | undefined;

/** Undefined where it is not installed. */
export function wrkVersion(): Promise<string | undefined> {
  return (version ??= new Promise((resolve) => {
    // It prints its version, its usage, and ends with 1.
    execFile('wrk', ['-v'], (_error, output) => resolve(/^wrk \S+/.exec(output)?.[0]));
  }));
}

/** Several at once where the load goes to several services; their latencies are put together. */
export async function runWrk(
  orders: readonly LoadOrder[],
  stopping: AbortSignal,
): Promise<LoadResult> {
  const cpuBefore = reapedCpuSeconds();
  const summaries = await Promise.all(orders.map((order) => run(order, stopping)));
  const latencies = new Histogram();
  const failures: Record<string, number> = {};
  for (const summary of summaries) {
    latencies.add(asTheyWere(summary));
    for (const [kind, count] of Object.entries(summary.failures))
      if (count > 0) failures[kind] = (failures[kind] ?? 0) + count;
  }
  const refused = failures['status above 399'] ?? 0;
  return {
    requests: summaries.reduce((sum, { requests }) => sum + requests, 0) - refused,
    seconds: Math.max(...summaries.map(({ microseconds }) => microseconds)) / 1_000_000,
    latencies,
    generatorSeconds: reapedCpuSeconds() - cpuBefore,
    failures,
  };
}

async function run(
  { url, call, users, prefix, connections, seconds }: LoadOrder,
  stopping: AbortSignal,
): Promise<Summary> {
  const options = [
    '--threads',
    '1',
    '--connections',
    String(connections),
    '--duration',
    `${seconds}s`,
    '--timeout',
    '15s',
  ];
  const child = spawn(
    'wrk',
    [...options, '--script', SCRIPT, url, '--', call, users, prefix, PASSWORD],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: stopping,
    },
  );
  const [output, errors] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  const summary = output.split('\n').find((line) => line.startsWith('{'));
  if (child.exitCode !== 0 || summary === undefined)
    throw new Error(`wrk failed: ${errors || output}`);
  return { ...(JSON.parse(summary) as Omit<Summary, 'connections'>), connections };
}

/**
 * wrk invents latencies. For each that is above twice the mean it adds those that further requests
 * would have seen, had they been sent meanwhile (stats_correct in its stats.c): of 353 replies that
 * took 200 ms among 353 166 quick ones it made a p90 of 129 ms. What it adds is known exactly, so
 * it is taken away again: the figures are what callers have seen, and `wrk --latency` shows higher
 * ones.
 *
 * @throws Error when what is left are not as many latencies as there were replies.
 */
function asTheyWere({ buckets, requests, microseconds, connections, failures }: Summary): Bucket[] {
  const perConnection = Math.floor(requests / connections);
  const counts = new Map(buckets);
  const mean = perConnection > 0 ? Math.floor(microseconds / perConnection) : Infinity;
  for (const latency of [...counts.keys()].sort((a, b) => b - a)) {
    if (latency < 2 * mean) break;
    const count = counts.get(latency) ?? 0;
    for (let added = latency - mean; added > mean; added -= mean)
      counts.set(added, (counts.get(added) ?? 0) - count);
  }
  const left = [...counts].filter(([, count]) => count > 0);
  const total = left.reduce((sum, [, count]) => sum + count, 0);
  if (total > requests || total + (failures['timed out'] ?? 0) < requests) {
    throw new Error(
      `wrk counted ${requests} replies, but these are ${total} latencies: is this another version than 4.1?`,
    );
  }
  return left;
}
