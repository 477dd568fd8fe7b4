import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const ADR = readFileSync('docs/adr/0027-budget-for-private-apis.md', 'utf8');

interface Row {
  readonly what: string;
  readonly where: string;
  readonly of: string;
  readonly versions: readonly string[];
  readonly test: string;
}

const rows: readonly Row[] = ADR.split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (what|-+) /.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, what = '', where = '', readIn = '', , test = '']) => {
    const [of = '', ...versions] = readIn.split(/,? /);
    return { what, where: where.slice(1, -1), of, versions, test: test.slice(1, -1) };
  });

/** Packages count with their patch, for a patch may change what nobody promises; Node by line. */
function installed(of: string): string {
  if (of === 'Node') return process.versions.node.split('.')[0] ?? '';
  const manifest = readFileSync(`node_modules/${of}/package.json`, 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

describe('what others do not promise (ADR 0027)', () => {
  it('has rows', () => {
    const of = ['pg', 'typeorm', 'Node', 'Node', 'axios', 'Node', 'Node', 'amqplib'];
    expect(rows.map((row) => row.of)).toEqual(of);
  });

  it.each(rows)('was read in the installed version: $what', ({ of, versions }) => {
    expect(versions).toContain(installed(of));
  });

  it.each(rows)('stands where the table says, with its test: $what', ({ where, test }) => {
    expect([where, test].filter((file) => !existsSync(file))).toEqual([]);
  });

  it('names flags that this V8 knows', () => {
    const main = readFileSync('src/main.ts', 'utf8');
    const flags = [...main.matchAll(/setFlagsFromString\('--(?:no-)?([\w-]+)/g)].map(
      ([, flag = '']) => flag,
    );
    const known = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
    expect(flags.length).toBeGreaterThan(0);
    expect(flags.filter((flag) => !known.includes(`--${flag} `))).toEqual([]);
  });
});
