import { aligned, type Table } from '../../test/support/processes/console.js';
import { median } from '../../test/support/processes/histogram.js';
import { CONNECTIONS } from '../rounds.js';
import type { Row } from '../scenarios/scenario.js';
import { type Figure, isMet, number, spread } from './figures.js';
import { allFigures, type Circumstances, problemsOf, type Run } from './run.js';

/** A generator this busy, as a share of a core, may be what is measured. */
const SUSPICIOUS = 0.9;

/** For a terminal, or for docs/performance.md. */
export function print(run: Run, isPage: boolean): string {
  const heading = (text: string): string => (isPage ? `### ${text}` : text);
  const set = (table: Table): string => (isPage ? markdown(table) : aligned(table));
  const list = (lines: readonly string[]): string =>
    lines.map((line) => (isPage ? `- ${line}` : line)).join('\n');
  const figures = allFigures(run);
  const { core, side } = run.options;
  return [
    list([
      ...circumstances(run),
      `${core.rounds} turns of ${core.seconds} s where a goal is a ratio to the limit, ` +
        `${side.rounds} of ${side.seconds} s elsewhere`,
    ]),
    ...run.scenarios
      .filter(({ rows }) => rows.length > 0)
      .flatMap(({ name, meaning, seconds, rows }) => [
        heading(isPage ? meaning : `${name}: ${meaning} (${seconds} s)`),
        set(roundsTable(rows)),
      ]),
    heading('Figures and goals'),
    set(figuresTable(figures)),
    list(verdict(run, figures)),
  ].join('\n\n');
}

export function circumstances(run: Circumstances): string[] {
  const { server_version: version = '', ...settings } = run.durability;
  const durability = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
  const { node } = run.options;
  return [
    `${run.date}, ${run.machine}; load average before: ${run.loadBefore.toFixed(2)}`,
    ...(node === undefined ? [] : [`the services run on ${node}`]),
    `PostgreSQL ${version}: ${durability.join(', ')}; ` +
      `a page is on the disk after ${number(run.syncMs)} ms`,
    `load: ${run.load}, ${CONNECTIONS} connections; limit: ${run.limit}`,
  ];
}

const MICROSECONDS = 1e6;

function roundsTable(rows: readonly Row[]): Table {
  return {
    columns: [
      ...['', 'per second', 'p50, ms', 'p99, ms', 'service, µs', 'PostgreSQL, µs'],
      ...['generator', 'ratio'],
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

/** Microseconds of CPU for a request. */
export function cpuEach(rounds: Row['rounds'], of: 'service' | 'postgres'): number {
  return median(rounds.map(({ cpu, requests }) => (cpu[of] / requests) * MICROSECONDS));
}

/** Who takes no part in a round has an empty cell. */
function cpuCells({ rounds }: Row): string[] {
  const generator = median(rounds.map(({ cpu, seconds }) => cpu.generator / seconds));
  const cells = [cpuEach(rounds, 'service'), cpuEach(rounds, 'postgres')];
  return [
    ...cells.map((each) => (each === 0 ? '' : number(each))),
    generator === 0 ? '' : `${number(generator * 100)} %`,
  ];
}

function figuresTable(figures: readonly Figure[]): Table {
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

function withUnit({ unit }: Figure, value: number): string {
  return `${number(value)}${unit === '' ? '' : ` ${unit}`}`;
}

function verdict(run: Run, figures: readonly Figure[]): string[] {
  const goals = figures.map(isMet).filter((met) => met !== undefined);
  const problems = problemsOf(run);
  const failed = problems.length > 0 ? `; the run FAILED: ${problems.length} problems` : '';
  return [
    ...problems.map((problem) => `PROBLEM ${problem}`),
    aboutGenerator(run),
    `${goals.filter((met) => met).length} of ${goals.length} goals met${failed}`,
  ];
}

/** Whether the load generator could keep up with the service. */
function aboutGenerator({ scenarios }: Run): string {
  const shares = scenarios.flatMap(({ rows }) =>
    rows.flatMap(({ what, rounds }) =>
      rounds.map(({ cpu, seconds }) => ({ what, share: cpu.generator / seconds })),
    ),
  );
  const [busiest] = shares.filter(({ share }) => share >= 0).sort((a, b) => b.share - a.share);
  if (!busiest) return 'How busy the load generator was cannot be told on this system.';
  return (
    `The busiest load generator used ${number(busiest.share * 100)} % of a core ` +
    `(${busiest.what}): it ` +
    (busiest.share < SUSPICIOUS ? 'is not the bottleneck.' : 'MAY BE THE BOTTLENECK.')
  );
}

function markdown({ columns, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = columns.map((_, i) => (i === 0 ? '---' : '--:'));
  return [columns, rule, ...rows].map(line).join('\n');
}
