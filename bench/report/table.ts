import { median } from '../measure/statistics.js';
import type { Row } from '../scenarios/scenario.js';
import { type Figure, isMet } from './figure.js';
import { number } from './numbers.js';
import type { Change } from './saved-run.js';

/** Cells as text: the terminal and a page of Markdown set them differently. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const MICROSECONDS = 1e6;

export function roundsTable(rows: readonly Row[]): Table {
  return {
    columns: [
      '',
      'per second',
      'p50, ms',
      'p99, ms',
      'service, µs',
      'PostgreSQL, µs',
      'generator',
      'ratio',
    ],
    rows: rows.map((row) => [
      row.what,
      row.latencyOnly ? '' : spread(row.rounds.map(({ perSecond }) => perSecond)),
      number(median(row.rounds.map(({ p50Ms }) => p50Ms))),
      number(median(row.rounds.map(({ p99Ms }) => p99Ms))),
      ...(row.latencyOnly ? ['', '', ''] : cpuCells(row)),
      row.ratios ? spread(row.ratios) : '',
    ]),
  };
}

/** What does not take part in a round has an empty cell. */
function cpuCells({ rounds }: Row): string[] {
  const each = (seconds: 'service' | 'postgres'): string => {
    const microseconds = median(
      rounds.map(({ cpu, requests }) => (cpu[seconds] / requests) * MICROSECONDS),
    );
    return microseconds === 0 ? '' : number(microseconds);
  };
  const generator = median(rounds.map(({ cpu, seconds }) => cpu.generator / seconds));
  return [each('service'), each('postgres'), generator === 0 ? '' : `${number(generator * 100)} %`];
}

export function figuresTable(figures: readonly Figure[]): Table {
  return {
    columns: ['', 'median', 'rounds', 'goal', 'verdict'],
    rows: figures.map((figure) => {
      const { name, value, lowest, highest, goal } = figure;
      const met = isMet(figure);
      return [
        name,
        withUnit(figure, value),
        lowest === highest ? '' : `${number(lowest)} – ${number(highest)}`,
        goal ? `${goal.bound === 'at least' ? '≥' : '≤'} ${number(goal.value)}` : '',
        met === undefined ? '' : met ? 'met' : 'MISSED',
      ];
    }),
  };
}

/** The same figures beside those of the last run. */
export function changesTable(
  figures: readonly Figure[],
  changes: ReadonlyMap<string, Change>,
): Table {
  return {
    columns: ['', 'last run', 'of', 'this run', 'change'],
    rows: figures.flatMap((figure) => {
      const change = changes.get(figure.name);
      if (!change) return [];
      const { before, date, percent } = change;
      const sign = percent > 0 ? '+' : '';
      return [
        [
          figure.name,
          withUnit(figure, before),
          date.slice(0, 16),
          withUnit(figure, figure.value),
          `${sign}${percent.toFixed(1)} %`,
        ],
      ];
    }),
  };
}

function withUnit({ unit }: Figure, value: number): string {
  return `${number(value)}${unit === '' ? '' : ` ${unit}`}`;
}

function spread(values: readonly number[]): string {
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  return values.length === 1
    ? number(lowest)
    : `${number(median(values))} (${number(lowest)} – ${number(highest)})`;
}

/** For a terminal. */
export function aligned({ columns, rows }: Table): string {
  const widths = columns.map((column, i) =>
    Math.max(column.length, ...rows.map((row) => row[i]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')}`.trimEnd();
  return [line(columns), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join(
    '\n',
  );
}

export function markdown({ columns, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(columns),
    line(columns.map((_, i) => (i === 0 ? '---' : '--:'))),
    ...rows.map(line),
  ].join('\n');
}
