import type { LoadResult } from '../measure/round.js';
import { runLeanClient } from './lean-client.js';
import { findPgbench, runPgbench } from './pgbench.js';
import { LIMIT_CONNECTIONS, type LimitOrder } from './order.js';

/** What stands for the limit here, in words. */
export function limitTool(): string {
  const pgbench = findPgbench();
  return pgbench
    ? `${pgbench.version}, prepared statements, ${LIMIT_CONNECTIONS} connections`
    : `pg, named prepared statements, ${LIMIT_CONNECTIONS} connections (pgbench is not installed)`;
}

/** Runs one transaction after another on every connection for the time of the round. */
export async function runLimit(order: LimitOrder, stopping: AbortSignal): Promise<LoadResult> {
  return findPgbench() ? runPgbench(order, stopping) : runLeanClient(order, stopping);
}
