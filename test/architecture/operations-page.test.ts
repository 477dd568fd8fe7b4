import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const PAGE = readFileSync('docs/operations.md', 'utf8');

const SOURCES = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.spec.ts'))
  .map((path) => readFileSync(join('src', path), 'utf8'));

/** The first cells of the table in the section. */
function firstCells(section: string): string[] {
  const [, text = ''] = PAGE.split(`\n## ${section}\n`);
  const [own = ''] = text.split('\n## ');
  return [...own.matchAll(/^\| (`[^|]+`) *\|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  );
}

describe('docs/operations.md', () => {
  it('lists the metrics that there are, and no others', () => {
    const measuring = SOURCES.filter((source) => source.includes("from 'prom-client'"));
    const names = measuring.flatMap((source) =>
      // Behind the name comes what it means.
      [...source.matchAll(/'([a-z]+(?:_[a-z]+)+)',\s*(?:help: )?'/g)].map(([, name]) => name),
    );
    expect(names.length).toBeGreaterThan(20);
    const listed = firstCells('Metrics');
    expect(listed.toSorted()).toEqual([...new Set(names)].toSorted());
  });

  it('lists lines of the log that somebody writes', () => {
    const lines = firstCells('Logs');
    expect(lines.length).toBeGreaterThan(8);
    const parts = lines.flatMap((line) => line.split('…').map((part) => part.trim()));
    for (const part of parts.filter((each) => each.length > 3))
      expect(SOURCES.some((source) => source.includes(part))).toBe(true);
  });
});
