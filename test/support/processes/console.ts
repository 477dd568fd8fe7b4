import { cpus, totalmem } from 'node:os';
import type { Given } from '../../../src/platform/cli/command-line.js';

/** How often a line goes to a log, in milliseconds; a terminal shows each. */
const LOG_EVERY_MS = 10_000;

/** One line that changes in a terminal, a line now and then in a log; stdout has the report. */
export class Progress {
  readonly #began = Date.now();
  #loggedAt = -Infinity;

  constructor(private readonly name: string) {}

  say(line: string): void {
    const text = `${this.name} ${Math.round((Date.now() - this.#began) / 1000)} s: ${line}`;
    if (process.stderr.isTTY) {
      process.stderr.write(`\r\u001b[K${text.slice(0, process.stderr.columns - 1)}`);
    } else if (Date.now() - this.#loggedAt >= LOG_EVERY_MS) {
      this.#loggedAt = Date.now();
      process.stderr.write(`${text}\n`);
    }
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  }
}

/** Aborts when somebody asks this process to end. */
export function whenStopped(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => stopping.abort(new Error(`stopped by ${signal}`)));
  return stopping.signal;
}

/** Reads an option of a command line that takes a number; undefined where it is not given. */
export function numberOf(
  { values, problems }: Given,
  name: string,
  from: number,
  to: number,
  kind: 'whole' | 'any' = 'whole',
): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const value = text.trim() === '' ? NaN : Number(text);
  const isRight = value >= from && value <= to && (kind === 'any' || Number.isInteger(value));
  const wanted = `a ${kind === 'any' ? '' : 'whole '}number from ${from} to ${to}`;
  if (!isRight) problems.push(`--${name} must be ${wanted}, not "${text}"`);
  return value;
}

/** @returns those of `known` that are named; all where none is. */
export function choose<T extends { readonly name: string }>(
  { problems }: Given,
  known: readonly T[],
  names: readonly string[],
): T[] {
  const all = [...new Set(known.map(({ name }) => name))];
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length > 0) problems.push(`unknown: ${unknown.join(', ')}; known: ${all.join(', ')}`);
  return known.filter(({ name }) => names.length === 0 || names.includes(name));
}

export function machine(): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  return (
    `${cpus().length} × ${processor}, ${memory} GB, ` +
    `Node ${process.versions.node}, ${process.platform}`
  );
}

/** Cells as text: a terminal and a page of Markdown set them differently. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** For a terminal. The first column is flush left, the others flush right if `numbers`. */
export function aligned({ columns, rows }: Table, numbers = true): string {
  const widths = columns.map((column, i) =>
    Math.max(column.length, ...rows.map((row) => row[i]?.length ?? 0)),
  );
  const set = (cell: string, i: number): string =>
    i === 0 || !numbers ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0);
  const line = (cells: readonly string[]): string => `  ${cells.map(set).join('  ')}`.trimEnd();
  return [columns, widths.map((width) => '-'.repeat(width)), ...rows].map(line).join('\n');
}
