import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd } from '../../test/support/processes/child.js';
import { type Bucket, Histogram } from '../../test/support/processes/histogram.js';
import { reapedCpuSeconds } from '../../test/support/processes/proc.js';
import { type LoadResult, runGenerators, together } from './measured.js';
import { type LoadOrder, Numbers, requestKinds } from './requests.js';

/** Bodies that wrk gets for each second of a round: more than any service has answered. */
const BODIES_PER_SECOND = 25_000;

let version: Promise<string | undefined> | undefined;

/** Undefined where wrk is not installed. */
function wrkVersion(): Promise<string | undefined> {
  return (version ??= new Promise((resolve) => {
    // It prints its version, its usage, and ends with 1.
    execFile('wrk', ['-v'], (_error, output) => resolve(/^wrk \S+/.exec(output)?.[0]));
  }));
}

/** What generates the load here, in words. */
export async function loadTool(): Promise<string> {
  return (await wrkVersion()) ?? 'own generator on raw sockets (wrk is not installed)';
}

/** Keeps every connection busy for the time of the round; an order for each replica. */
export async function runLoad(
  orders: readonly LoadOrder[],
  stopping: AbortSignal,
): Promise<LoadResult> {
  if ((await wrkVersion()) === undefined) {
    const results = await runGenerators('load/sockets-main.ts', orders, stopping);
    return together(results.flat());
  }
  const cpuBefore = reapedCpuSeconds();
  const result = together(await Promise.all(orders.map((order) => runWrk(order, stopping))));
  return { ...result, generatorSeconds: reapedCpuSeconds() - cpuBefore };
}

/** What the script prints at the end. */
interface Summary {
  readonly requests: number;
  readonly microseconds: number;
  readonly failures: Readonly<Record<string, number>>;
  readonly buckets: readonly Bucket[];
}

async function runWrk(order: LoadOrder, stopping: AbortSignal): Promise<LoadResult> {
  const { url, users, prefix, connections, seconds } = order;
  const requests = `${users}.${prefix}`;
  writeFileSync(requests, written(order));
  const options = ['--threads', '1', '--connections', connections, '--duration', `${seconds}s`];
  const script = ['--timeout', '15s', '--script', join(import.meta.dirname, 'wrk.lua')];
  const { exitCode, output, errors } = await runToEnd(
    'wrk',
    [...options, ...script, url, '--', requests].map(String),
    stopping,
  );
  rmSync(requests);
  const line = output.split('\n').find((each) => each.startsWith('{'));
  if (exitCode !== 0 || line === undefined) throw new Error(`wrk failed: ${errors || output}`);
  const summary = JSON.parse(line) as Summary;
  return {
    requests: summary.requests - (summary.failures['status above 399'] ?? 0),
    seconds: summary.microseconds / 1e6,
    latencies: Histogram.of(asTheyWere(summary, connections)),
    generatorSeconds: NaN,
    failures: Object.fromEntries(Object.entries(summary.failures).filter(([, count]) => count > 0)),
  };
}

/** The requests of a round as wrk.lua reads them. */
function written(order: LoadOrder): string {
  const numbers = new Numbers(order.prefix);
  const kinds = requestKinds(order).map(({ heads, body }) => {
    const bodies = Array.from({ length: body ? order.seconds * BODIES_PER_SECOND : 0 }, () =>
      body?.(numbers.next()),
    );
    return [heads, bodies].map((each) => each.map((text) => `${text}\x1f`).join('')).join('\x1e');
  });
  return kinds.map((kind) => `${kind}\x1d`).join('');
}

/**
 * wrk invents latencies. For each that is above twice the mean it adds those that further requests
 * would have seen, had they been sent meanwhile (stats_correct in its stats.c): of 353 replies that
 * took 200 ms among 353 166 quick ones it made a p90 of 129 ms. What it adds is known exactly and
 * taken away again, so that the figures are what callers have seen.
 *
 * @throws Error when there are not as many latencies left as there were replies.
 */
function asTheyWere(
  { buckets, requests, microseconds, failures }: Summary,
  connections: number,
): Bucket[] {
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
      `wrk counted ${requests} replies, but these are ${total} latencies: ` +
        'is this another version than 4.1?',
    );
  }
  return left;
}
