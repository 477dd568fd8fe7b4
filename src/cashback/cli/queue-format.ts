import { duration, moment, MOST_LISTED, oneLine } from '../../platform/cli/operator.js';
import type { Retried } from '../application/retry-parked-tasks.js';
import type { ListedTask, QueueStatistics, TaskList, TaskStatus } from '../application/ports.js';
import type { AccrualGate } from '../domain/accrual-gate.js';

/** `1 task`, `2 tasks`; with a verb `1 task waits`, `2 tasks wait`. */
export function tasks(count: number, verbOfOne = '', verbOfMany = ''): string {
  return (count === 1 ? `1 task ${verbOfOne}` : `${count} tasks ${verbOfMany}`).trimEnd();
}

/** The tasks as a table, and how many there are. */
export function listLines(
  { tasks: listed, total }: TaskList,
  status: TaskStatus | 'all',
): string[] {
  const of = status === 'all' ? '' : ` ${status}`;
  if (total === 0) return [status === 'FAILED' ? 'nothing is parked' : `there is no${of} task`];
  const more = total - listed.length;
  const hint = total > MOST_LISTED ? '' : `: --limit ${total} shows them too`;
  return [...table(listed), more === 0 ? `${tasks(total)}${of}` : `… and ${more} more${hint}`];
}

export function jsonOfList({ tasks, total }: TaskList): string {
  return JSON.stringify({ tasks: tasks.map(jsonOfTask), total });
}

/** What became of one number that was to be put back. */
export function retriedLine({ number, outcome }: Retried): string {
  if (outcome === 'put back') return `${number}: put back`;
  if (!outcome) return `${number}: no such order`;
  if (outcome.kind === 'no task')
    return `${number}: no such task: the order is ${outcome.orderStatus}`;
  return `${number}: is not parked: ${outcome.task.status}, ${nextOf(outcome.task)}`;
}

/** What keeps requests for due tasks from going out or being answered, a line for each reason. */
export function blockersOf(gate: AccrualGate): string[] {
  const {
    pausedByOperatorSince: pausedSince,
    unansweredSince,
    unansweredReason,
    breakerOpen,
  } = gate.snapshot();
  const blockers: string[] = [];
  if (pausedSince !== undefined) {
    const since = `${moment(pausedSince)} (${duration(gate.pausedByOperatorMs ?? 0)})`;
    blockers.push(
      `paused by an operator since ${since}: no request goes out before npm run queue -- resume`,
    );
  }
  if (gate.isPaused)
    blockers.push(
      `the accrual system said 429: no request goes out for another ${duration(gate.pausedMs)}`,
    );
  if (unansweredSince !== undefined) {
    const since = `${moment(unansweredSince)} (${duration(gate.unansweredMs ?? 0)})`;
    const reason = oneLine(unansweredReason ?? '', REASON_WIDTH);
    blockers.push(`no request is answered since ${since}: ${reason}`);
  }
  if (breakerOpen)
    blockers.push(
      'the accrual system is out: one probe a second, and no try is spent, until it answers',
    );
  return blockers;
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
  const overdue = (ms: number | undefined): string | undefined =>
    ms === undefined ? undefined : `the longest due for ${duration(ms)}`;
  const { ratePerMinute } = gate.snapshot();
  const limit =
    ratePerMinute === undefined
      ? []
      : [`at most ${Math.round(ratePerMinute)} requests a minute, as learnt from a 429`];
  const requests = [...blockersOf(gate), ...limit];
  return [
    line(
      'PENDING',
      PENDING.tasks,
      PENDING.tasks > 0 ? `${PENDING.due} due` : undefined,
      oldest(PENDING.oldestMs),
      overdue(PENDING.overdueMs),
    ),
    line(
      'PROCESSING',
      PROCESSING.tasks,
      PROCESSING.tasks > 0 ? `${PROCESSING.due} of them lost by their workers` : undefined,
      oldest(PROCESSING.oldestMs),
      overdue(PROCESSING.overdueMs),
    ),
    line('FAILED', FAILED.tasks, FAILED.tasks > 0 ? 'parked' : undefined, oldest(FAILED.oldestMs)),
    ...(requests.length > 0 ? requests : ['free: no pause, no limit, no outage']).map((each) =>
      line('requests', each),
    ),
  ];
}

export function jsonOfStatistics(statistics: QueueStatistics, gate: AccrualGate): string {
  const state = gate.snapshot();
  const statuses = Object.entries(statistics).map(([status, { tasks, due, ...ms }]) => [
    status,
    {
      tasks,
      due,
      ...(ms.oldestMs !== undefined && { oldest_seconds: seconds(ms.oldestMs) }),
      ...(ms.overdueMs !== undefined && { overdue_seconds: seconds(ms.overdueMs) }),
    },
  ]);
  const momentOrNull = (ms: number | undefined): string | null =>
    ms === undefined ? null : moment(ms);
  return JSON.stringify({
    ...(Object.fromEntries(statuses) as object),
    gate: {
      paused_by_operator_since: momentOrNull(state.pausedByOperatorSince),
      paused_until: gate.isPaused ? momentOrNull(state.pausedUntil) : null,
      unanswered_since: momentOrNull(state.unansweredSince),
      unanswered_reason: state.unansweredReason ?? null,
      breaker_open: state.breakerOpen,
      rate_per_minute: state.ratePerMinute ?? null,
    },
  });
}

/**
 * Longer numbers, up to 1 000 digits, are shown whole and push their line to the right: an operator
 * copies them.
 */
const NUMBER_WIDTH = 20;

/** A reason has up to 500 characters; `--json` shows it whole. */
const REASON_WIDTH = 100;

const HEAD = ['NUMBER', 'STATUS', 'TRIES', 'REQUESTS', 'AGE', 'NEXT', 'REASON'] as const;

function table(list: readonly ListedTask[]): string[] {
  const rows = list.map((task) => [
    task.number,
    task.status,
    String(task.tries),
    String(task.requests),
    duration(task.ageMs),
    nextOf(task),
    oneLine(task.reason ?? '', REASON_WIDTH),
  ]);
  const lines = [[...HEAD], ...rows];
  const widths = HEAD.map((_, column) =>
    Math.max(
      ...lines
        .map((row) => row[column]?.length ?? 0)
        .filter((width) => column > 0 || width <= NUMBER_WIDTH),
    ),
  );
  return lines.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** What happens to the task next, and when. */
function nextOf({ status, dueInMs, unchangedMs }: ListedTask): string {
  switch (status) {
    case 'PENDING':
      return dueInMs > 0 ? `due in ${duration(dueInMs)}` : 'due now';
    case 'PROCESSING':
      return dueInMs > 0
        ? 'request in flight'
        : `lost by its worker ${duration(-dueInMs)} ago, due now`;
    case 'FAILED':
      return `parked ${duration(unchangedMs)} ago`;
  }
}

/** Seconds, negative for what is overdue. */
function jsonOfTask({
  number,
  status,
  tries,
  requests,
  ageMs,
  unchangedMs,
  dueInMs,
  reason,
}: ListedTask): object {
  return {
    number,
    status,
    tries,
    requests,
    age_seconds: seconds(ageMs),
    in_status_seconds: seconds(unchangedMs),
    ...(status !== 'FAILED' && { due_in_seconds: seconds(dueInMs) }),
    ...(reason !== undefined && { reason }),
  };
}

function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}
