import type { Histogram } from './histogram.js';
import { cpuSeconds, serverCpuSeconds } from './processes.js';

/** What a load generator, or a client of the database, has seen. */
export interface LoadResult {
  /** Answered as they should be. */
  readonly requests: number;
  readonly seconds: number;
  readonly latencies: Histogram;
  /** Seconds of CPU that the generator itself has used. */
  readonly generatorSeconds: number;
  /** What else came, by kind: all of it is reported, and fails the run. */
  readonly failures: Readonly<Record<string, number>>;
}

/** Whose CPU is measured. */
export interface Parties {
  readonly services: readonly number[];
  readonly postmaster: number;
  readonly accrual: number;
}

/** Seconds of CPU. */
export interface CpuUse {
  readonly service: number;
  readonly postgres: number;
  readonly accrual: number;
}

/** One round of load, as it goes into the report. */
export interface Round {
  readonly requests: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** NaN where there is no caller who waits. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpu: CpuUse & { readonly generator: number };
}

/** @throws what `action` throws. */
export async function withCpu<T>(
  parties: Parties,
  action: () => Promise<T>,
): Promise<{ result: T; cpu: CpuUse }> {
  const before = use(parties);
  const result = await action();
  const after = use(parties);
  const cpu = {
    service: after.service - before.service,
    postgres: after.postgres - before.postgres,
    accrual: after.accrual - before.accrual,
  };
  return { result, cpu };
}

export function roundOf(
  { requests, seconds, latencies, generatorSeconds }: LoadResult,
  cpu: CpuUse,
): Round {
  return {
    requests,
    seconds,
    perSecond: requests / seconds,
    p50Ms: latencies.percentile(50),
    p99Ms: latencies.percentile(99),
    cpu: { ...cpu, generator: generatorSeconds },
  };
}

function use({ services, postmaster, accrual }: Parties): CpuUse {
  return {
    service: services.reduce((sum, pid) => sum + cpuSeconds(pid), 0),
    postgres: serverCpuSeconds(postmaster),
    accrual: cpuSeconds(accrual),
  };
}
