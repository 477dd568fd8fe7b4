import { type Figure, isMet } from './figure.js';
import { number } from './numbers.js';
import { allFigures, problemsOf, type Run } from './run.js';
import type { Change } from './saved-run.js';
import { aligned, changesTable, figuresTable, markdown, roundsTable, type Table } from './table.js';

/** A generator this busy, as a share of a core, may be what is measured. */
const SUSPICIOUS = 0.9;

/** How it is set: for a terminal, or for docs/performance.md. */
export type Style = 'terminal' | 'markdown';

export function print(run: Run, changes: ReadonlyMap<string, Change>, style: Style): string {
  const isPage = style === 'markdown';
  const heading = (text: string): string => (isPage ? `### ${text}` : text);
  const set = (table: Table): string => (isPage ? markdown(table) : aligned(table));
  const list = (lines: readonly string[]): string =>
    lines.map((line) => (isPage ? `- ${line}` : line)).join('\n');
  const figures = allFigures(run);
  return [
    list(circumstances(run)),
    ...run.scenarios
      .filter(({ rows }) => rows.length > 0)
      .flatMap(({ name, meaning, seconds, rows }) => [
        heading(isPage ? meaning : `${name}: ${meaning} (${seconds} s)`),
        set(roundsTable(rows)),
      ]),
    heading('Figures and goals'),
    set(figuresTable(figures)),
    // A page is of one run.
    ...(isPage || changes.size === 0
      ? []
      : ['Since the last run', set(changesTable(figures, changes))]),
    list(verdict(run, figures)),
  ].join('\n\n');
}

function circumstances({
  date,
  machine,
  loadBefore,
  syncMs,
  durability,
  load,
  limit,
  options,
}: Run): string[] {
  const { server_version: version, ...settings } = durability;
  return [
    `${date}, ${machine}; load average before: ${loadBefore.toFixed(2)}`,
    `PostgreSQL ${version ?? ''}: ${Object.entries(settings)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')}; a page is on the disk after ${number(syncMs)} ms`,
    `load: ${load}, 50 connections; limit: ${limit}`,
    `${options.rounds} turns of ${options.seconds} s where a goal is a ratio to the limit, ${options.sideRounds} of ${options.sideSeconds} s elsewhere`,
  ];
}

function verdict(run: Run, figures: readonly Figure[]): string[] {
  const goals = figures.map(isMet).filter((met) => met !== undefined);
  const problems = problemsOf(run);
  return [
    ...problems.map((problem) => `PROBLEM ${problem}`),
    generator(run),
    `${goals.filter((met) => met).length} of ${goals.length} goals met${problems.length > 0 ? `; the run FAILED: ${problems.length} problems` : ''}`,
  ];
}

/** Whether the one who asks could keep up with the one who answers. */
function generator({ scenarios }: Run): string {
  const shares = scenarios.flatMap(({ rows }) =>
    rows.flatMap(({ what, rounds }) =>
      rounds.map(({ cpu, seconds }) => ({ what, share: cpu.generator / seconds })),
    ),
  );
  const [busiest] = shares.filter(({ share }) => share >= 0).sort((a, b) => b.share - a.share);
  if (!busiest) return 'How busy the load generator was cannot be told on this system.';
  const text = `The busiest load generator used ${number(busiest.share * 100)} % of a core (${busiest.what}): it `;
  return text + (busiest.share < SUSPICIOUS ? 'is not the bottleneck.' : 'MAY BE THE BOTTLENECK.');
}
