import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Histogram } from '../measure/histogram.js';
import { reapedCpuSeconds } from '../measure/processes.js';
import type { LoadResult } from '../measure/round.js';
import { LIMIT_CONNECTIONS, type LimitOrder, NUMBERS_PER_CONNECTION } from './order.js';
import type { Transaction } from './transactions.js';

/**
 * Of all transactions, so many have their latency written down; all of them would cost a tenth of
 * the throughput.
 */
const SAMPLED = 0.2;

export interface Pgbench {
  readonly program: string;
  readonly version: string;
}

const DEBIAN = '/usr/lib/postgresql';

let found: Pgbench | undefined | 'not looked for' = 'not looked for';

/** On the PATH, or where Debian hides it. */
export function findPgbench(): Pgbench | undefined {
  if (found !== 'not looked for') return found;
  const hidden = existsSync(DEBIAN)
    ? readdirSync(DEBIAN).map((version) => join(DEBIAN, version, 'bin/pgbench'))
    : [];
  return (found = ['pgbench', ...hidden].map(probe).find((pgbench) => pgbench !== undefined));
}

function probe(program: string): Pgbench | undefined {
  try {
    const banner = execFileSync(program, ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return {
      program,
      version:
        /pgbench \(PostgreSQL\) [\d.]+/.exec(banner)?.[0].replace(' (PostgreSQL)', '') ??
        banner.trim(),
    };
  } catch {
    return undefined;
  }
}

export async function runPgbench(
  { uri, transaction, users, firstNumber, seconds, folder }: LimitOrder,
  stopping: AbortSignal,
): Promise<LoadResult> {
  const script = join(folder, `${transaction.name}.sql`);
  writeFileSync(script, scriptOf(transaction));
  const { hostname, port, username, password, pathname } = new URL(uri);
  const cpuBefore = reapedCpuSeconds();
  const child = spawn(
    findPgbench()?.program ?? 'pgbench',
    [
      ...[
        '--no-vacuum',
        '--protocol',
        'prepared',
        '--client',
        String(LIMIT_CONNECTIONS),
        '--jobs',
        '1',
        '--time',
        String(seconds),
      ],
      ...[
        '--file',
        script,
        '--define',
        `users=${users}`,
        '--define',
        `first=${firstNumber}`,
        '--define',
        'n=0',
      ],
      ...['--log', '--log-prefix', join(folder, 'pgbench'), '--sampling-rate', String(SAMPLED)],
      ...['--host', hostname, '--port', port, '--username', username, pathname.slice(1)],
    ],
    {
      env: { PATH: process.env['PATH'], PGPASSWORD: password, PGSSLMODE: 'disable', LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: stopping,
    },
  );
  const [output, errors] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  if (child.exitCode !== 0) throw new Error(`pgbench failed: ${errors}`);
  const requests = Number(/number of transactions actually processed: (\d+)/.exec(output)?.[1]);
  const failed = Number(/number of failed transactions: (\d+)/.exec(output)?.[1] ?? 0);
  const perSecond = Number(
    /^tps = ([\d.]+) \(without initial connection time\)/m.exec(output)?.[1],
  );
  return {
    requests,
    seconds: requests / perSecond,
    latencies: readLog(folder),
    generatorSeconds: reapedCpuSeconds() - cpuBefore,
    failures: failed > 0 ? { 'failed transactions': failed } : {},
  };
}

function scriptOf({ statements }: Transaction): string {
  const lines = statements.map(
    ({ sql, keeps }) => `${sql.replaceAll(/\s+/g, ' ')}${keeps ? ' \\gset' : ';'}`,
  );
  return [
    '\\set user random(1, :users)',
    '\\set n :n + 1',
    `\\set num :first + :client_id * ${NUMBERS_PER_CONNECTION} + :n`,
    ...lines,
    '',
  ].join('\n');
}

/** A line a sampled transaction: client, its number, microseconds, … */
function readLog(folder: string): Histogram {
  const latencies = new Histogram();
  for (const file of readdirSync(folder).filter((name) => /^pgbench\.\d+/.test(name))) {
    for (const line of readFileSync(join(folder, file), 'utf8').split('\n')) {
      const microseconds = Number(line.split(' ')[2]);
      if (microseconds > 0) latencies.record(microseconds);
    }
    rmSync(join(folder, file));
  }
  return latencies;
}
