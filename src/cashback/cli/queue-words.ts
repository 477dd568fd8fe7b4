import type { QueueStatistics } from '../application/ports.js';
import type { AccrualGate } from '../domain/accrual-gate.js';
import { duration, moment } from './words.js';

/** What keeps due tasks from being asked about just now, a line each. */
export function obstaclesOf(gate: AccrualGate): string[] {
  const { pausedByOperatorSince, breakerOpen } = gate.snapshot();
  const obstacles: string[] = [];
  if (pausedByOperatorSince !== undefined) {
    const since = `${moment(pausedByOperatorSince)} (${duration(gate.pausedByOperatorMs ?? 0)})`;
    obstacles.push(
      `paused by an operator since ${since}: nothing is asked before npm run queue -- resume`,
    );
  }
  if (gate.isPaused)
    obstacles.push(
      `the accrual system said 429: nothing is asked for another ${duration(gate.pausedMs)}`,
    );
  if (breakerOpen)
    obstacles.push(
      'the accrual system is out: one probe a second, and no try is spent, until it answers',
    );
  return obstacles;
}

/** The queue and its gate, a line for each thing that an operator may want to know. */
export function statisticsLines(statistics: QueueStatistics, gate: AccrualGate): string[] {
  const { PENDING, PROCESSING, FAILED } = statistics;
  const line = (
    name: string,
    value: number | string,
    ...details: (string | undefined)[]
  ): string => {
    const known = details.filter((each) => each !== undefined);
    return `${name.padEnd(11)} ${value}${known.length > 0 ? `: ${known.join(', ')}` : ''}`;
  };
  const oldest = (ms: number | undefined): string | undefined =>
    ms === undefined ? undefined : `the oldest uploaded ${duration(ms)} ago`;
  const { ratePerMinute } = gate.snapshot();
  const limit =
    ratePerMinute === undefined
      ? []
      : [`at most ${Math.round(ratePerMinute)} questions a minute, as learnt from a 429`];
  const asking = [...obstaclesOf(gate), ...limit];
  return [
    line(
      'PENDING',
      PENDING.tasks,
      PENDING.tasks > 0 ? `${PENDING.due} due` : undefined,
      oldest(PENDING.oldestMs),
    ),
    line(
      'PROCESSING',
      PROCESSING.tasks,
      PROCESSING.tasks > 0 ? `${PROCESSING.due} of them lost by their workers` : undefined,
      oldest(PROCESSING.oldestMs),
    ),
    line('FAILED', FAILED.tasks, FAILED.tasks > 0 ? 'parked' : undefined, oldest(FAILED.oldestMs)),
    ...(asking.length > 0 ? asking : ['free: no pause, no limit, no outage']).map((each) =>
      line('asking', each),
    ),
  ];
}

export function jsonOfStatistics(statistics: QueueStatistics, gate: AccrualGate): string {
  const { pausedByOperatorSince, pausedUntil, breakerOpen, ratePerMinute } = gate.snapshot();
  const tasks = Object.entries(statistics).map(([status, { tasks, due, oldestMs }]) => [
    status,
    { tasks, due, ...(oldestMs !== undefined && { oldest_seconds: Math.round(oldestMs) / 1_000 }) },
  ]);
  return JSON.stringify({
    ...(Object.fromEntries(tasks) as object),
    gate: {
      held_since: pausedByOperatorSince === undefined ? null : moment(pausedByOperatorSince),
      paused_until: gate.isPaused && pausedUntil !== undefined ? moment(pausedUntil) : null,
      breaker_open: breakerOpen,
      rate_per_minute: ratePerMinute ?? null,
    },
  });
}
