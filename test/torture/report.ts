import { cpus, totalmem } from 'node:os';
import type { PartReport, Table } from './part.js';

/** What one run was and found. */
export interface Report {
  readonly date: string;
  readonly seed: number;
  readonly minutes: number;
  readonly machine: string;
  readonly passed: boolean;
  readonly parts: Readonly<Record<string, PartReport & { readonly seconds: number }>>;
}

export function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}, ${process.platform}`;
}

/**
 * For people, and for docs/reliability.md. What was violated comes last: the tables above can be
 * longer than what is kept of a log.
 */
export function print({ date, seed, minutes, machine, passed, parts }: Report): string {
  const sections = Object.entries(parts).map(([name, { seconds, facts, violations, table }]) => {
    const verdict = violations.length === 0 ? 'passed' : `${violations.length} VIOLATIONS`;
    return [
      `${name}: ${verdict} (${seconds} s)`,
      ...Object.entries(facts).map(([fact, value]) => `  ${fact}: ${value}`),
      ...(table ? ['', ...lines(table)] : []),
    ].join('\n');
  });
  const broken = Object.entries(parts).flatMap(([name, { violations }]) =>
    violations.map((violation) => `! ${name}: ${violation}`),
  );
  const again = `npm run torture -- ${Object.keys(parts).join(' ')} --seed ${seed} --minutes ${minutes}`;
  const verdict = `${passed ? 'PASSED' : 'FAILED'}; again: ${again}`;
  return [`${date}, seed ${seed}, ${machine}`, ...sections, [...broken, verdict].join('\n')].join(
    '\n\n',
  );
}

function lines({ columns, rows }: Table): string[] {
  const widths = columns.map((column, i) =>
    Math.max(column.length, ...rows.map((row) => row[i]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd();
  return [line(columns), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}
