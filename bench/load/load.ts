import type { LoadResult } from '../measure/round.js';
import type { LoadOrder } from './order.js';
import { runSockets } from './sockets.js';
import { runWrk, wrkVersion } from './wrk.js';

/** What generates the load here, in words. */
export async function loadTool(): Promise<string> {
  return (await wrkVersion()) ?? 'own generator on raw sockets (wrk is not installed)';
}

/** Keeps every connection busy for the time of the round. */
export async function runLoad(
  orders: readonly LoadOrder[],
  stopping: AbortSignal,
): Promise<LoadResult> {
  return (await wrkVersion()) === undefined
    ? runSockets(orders, stopping)
    : runWrk(orders, stopping);
}
