import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const PAGE = readFileSync('docs/reliability.md', 'utf8');

describe('docs/reliability.md', () => {
  it('names tests that are there', () => {
    const named = [...PAGE.matchAll(/`((?:src|test)\/[\w./-]+)`/g)].map(([, path = '']) => path);
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
  });

  it('names decisions that were made', () => {
    const decisions = readdirSync('docs/adr').map((file) => file.slice(0, 4));
    const named = [...PAGE.matchAll(/ADR (\d{4})/g)].map(([, number = '']) => number);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((number) => !decisions.includes(number))).toEqual([]);
  });
});
