import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

/** A file is a subject, not a class: what changes together stands together (CONTRIBUTING.md). */
const MOST_LINES = 250;
const LEAST_LINES = 25;
const LEAST_MEAN = 60;
const MOST_ENTRIES = 12;

interface Folder {
  readonly path: string;
  readonly entries: number;
}

interface File {
  readonly path: string;
  readonly lines: number;
}

const folders: Folder[] = [];
const files: File[] = [];

function walk(path: string): void {
  const entries = readdirSync(path, { withFileTypes: true });
  folders.push({ path, entries: entries.length });
  for (const entry of entries) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) walk(inner);
    else if (/\.(ts|mjs|lua)$/.test(entry.name)) files.push({ path: inner, lines: linesOf(inner) });
  }
}

const linesOf = (path: string): number => readFileSync(path, 'utf8').split('\n').length - 1;

for (const root of ['src', 'test', 'bench', 'scripts']) walk(root);

/** What names things and wires them is as short as it can be. */
const isWiring = (path: string): boolean =>
  /^(index|ports)\.ts$|\.(module|settings|spec)\.ts$/.test(basename(path));

const isAdapter = (path: string): boolean => /^src\/([^/]+\/infrastructure|platform)\//.test(path);

/** What stands for itself: it would be no easier to find in a file of something else. */
const SMALL_ADAPTERS = [
  'src/journal/infrastructure/sql-operator-actions.ts',
  'src/query/infrastructure/read-model-database.ts',
];

describe('the shape of the tree', () => {
  it(`has no file above ${MOST_LINES} lines`, () => {
    expect(files.filter(({ lines }) => lines > MOST_LINES)).toEqual([]);
  });

  it(`has no adapter below ${LEAST_LINES} lines, but for those named here`, () => {
    const small = files.filter(
      ({ path, lines }) => isAdapter(path) && !isWiring(path) && lines < LEAST_LINES,
    );
    expect(small.filter(({ path }) => !SMALL_ADAPTERS.includes(path))).toEqual([]);
  });

  it(`has no folder of more than ${MOST_ENTRIES} entries, but for src itself`, () => {
    expect(folders.filter(({ path, entries }) => path !== 'src' && entries > MOST_ENTRIES)).toEqual(
      [],
    );
  });

  it(`has source files of ${LEAST_MEAN} lines on average`, () => {
    const sources = files.filter(({ path }) => path.startsWith('src') && !isWiring(path));
    const total = sources.reduce((sum, { lines }) => sum + lines, 0);
    expect(total / sources.length).toBeGreaterThanOrEqual(LEAST_MEAN);
  });
});
