import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DATA } from '../stage/database.js';
import { allFigures, type Run } from './run.js';

/**
 * The last value of every figure that was ever measured on this clone: a run of one scenario leaves
 * those of the others.
 */
const FILE = join(DATA, 'last.json');

interface SavedFigure {
  readonly value: number;
  /** Of the run that it is from. */
  readonly date: string;
}

type SavedFigures = Readonly<Record<string, SavedFigure>>;

/** How a figure stands to the last run's. */
export interface Change {
  readonly before: number;
  /** Of the run that it is from. */
  readonly date: string;
  readonly percent: number;
}

export function save(run: Run): void {
  const figures = allFigures(run).filter(({ value }) => Number.isFinite(value));
  const measured = Object.fromEntries(
    figures.map(({ name, value }) => [name, { value, date: run.date }]),
  );
  mkdirSync(dirname(FILE), { recursive: true });
  writeFileSync(FILE, `${JSON.stringify({ ...read(), ...measured }, undefined, 2)}\n`);
}

/** By the figure's name; empty where nothing was saved. */
export function changesSinceLastRun(run: Run): Map<string, Change> {
  const saved = read();
  const changes = new Map<string, Change>();
  for (const { name, value } of allFigures(run)) {
    const last = saved[name];
    if (last)
      changes.set(name, {
        before: last.value,
        date: last.date,
        percent: (value / last.value - 1) * 100,
      });
  }
  return changes;
}

function read(): SavedFigures {
  try {
    return JSON.parse(readFileSync(FILE, 'utf8')) as SavedFigures;
  } catch {
    return {};
  }
}
