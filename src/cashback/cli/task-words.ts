import type { Retried } from '../application/retry-parked-tasks.js';
import type { ListedTask, TaskList } from '../application/ports.js';
import { duration, oneLine } from './words.js';

/**
 * Longer numbers, up to 1 000 digits, are shown whole and push their line to the right: an operator
 * copies them.
 */
const NUMBER_WIDTH = 20;

/** A reason has up to 500 characters; `--json` shows it whole. */
const REASON_WIDTH = 100;

const HEAD = ['NUMBER', 'STATUS', 'TRIES', 'AGE', 'NEXT', 'REASON'] as const;

/** The tasks as a table; without a line where there are none. */
export function tableOf(list: readonly ListedTask[]): string[] {
  if (list.length === 0) return [];
  const rows = list.map((task) => [
    task.number,
    task.status,
    String(task.tries),
    duration(task.ageMs),
    nextOf(task),
    oneLine(task.reason ?? '', REASON_WIDTH),
  ]);
  const table = [[...HEAD], ...rows];
  const widths = HEAD.map((_, column) =>
    Math.max(
      ...table
        .map((row) => row[column]?.length ?? 0)
        .filter((width) => column > 0 || width <= NUMBER_WIDTH),
    ),
  );
  return table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** What happens to the task next, and when. */
export function nextOf({ status, dueInMs, unchangedMs }: ListedTask): string {
  switch (status) {
    case 'PENDING':
      return dueInMs > 0 ? `due in ${duration(dueInMs)}` : 'due now';
    case 'PROCESSING':
      return dueInMs > 0
        ? 'being asked about'
        : `lost by its worker ${duration(-dueInMs)} ago, due now`;
    case 'FAILED':
      return `parked ${duration(unchangedMs)} ago`;
  }
}

/** What became of one number that was to be put back. */
export function retriedLine({ number, outcome }: Retried): string {
  if (outcome === 'put back') return `${number}: put back`;
  if (!outcome) return `${number}: no such order`;
  if (outcome.kind === 'no task')
    return `${number}: no such task: the order is ${outcome.orderStatus}`;
  return `${number}: is not parked: ${outcome.task.status}, ${nextOf(outcome.task)}`;
}

export function jsonOfList({ tasks, total }: TaskList): string {
  return JSON.stringify({ tasks: tasks.map(jsonOfTask), total });
}

/** Seconds, negative for what is overdue. */
function jsonOfTask({
  number,
  status,
  tries,
  ageMs,
  unchangedMs,
  dueInMs,
  reason,
}: ListedTask): object {
  return {
    number,
    status,
    tries,
    age_seconds: seconds(ageMs),
    in_status_seconds: seconds(unchangedMs),
    ...(status !== 'FAILED' && { due_in_seconds: seconds(dueInMs) }),
    ...(reason !== undefined && { reason }),
  };
}

function seconds(ms: number): number {
  return Math.round(ms) / 1_000;
}
