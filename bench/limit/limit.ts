import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd } from '../../test/support/processes/child.js';
import { Histogram } from '../../test/support/processes/histogram.js';
import { reapedCpuSeconds } from '../../test/support/processes/proc.js';
import { type LoadResult, runGenerators, together } from '../load/measured.js';
import type { Transaction } from './transactions.js';

/** As many as the service's pool has; more of them are slower on few cores. */
export const LIMIT_CONNECTIONS = 10;

/** All that a client of the database is told. */
export interface LimitOrder {
  readonly uri: string;
  readonly transaction: Transaction;
  /** `:user` is drawn from 1 to this. */
  readonly users: number;
  /** The first of the numbers that it may use; text, for a bigint does not pass to a process. */
  readonly firstNumber: string;
  readonly seconds: number;
  /** For its scripts and logs. */
  readonly folder: string;
}

/** So many numbers of a range are each connection's. */
export const NUMBERS_PER_CONNECTION = 10_000_000;

/** The first digit of these numbers is a 9. */
export class NumberRanges {
  #last = 0n;

  next(): string {
    return String(900_000_000_000_000n + ++this.#last * 1_000_000_000n);
  }
}

/** What stands for the limit here, in words. */
export function limitTool(): string {
  const pgbench = findPgbench();
  return pgbench
    ? `${pgbench.version}, prepared statements, ${LIMIT_CONNECTIONS} connections`
    : `pg, named prepared statements, ${LIMIT_CONNECTIONS} connections (pgbench is not installed)`;
}

/** Runs one transaction after another on every connection for the time of the round. */
export async function runLimit(order: LimitOrder, stopping: AbortSignal): Promise<LoadResult> {
  const pgbench = findPgbench();
  if (pgbench) return runPgbench(pgbench.program, order, stopping);
  // The driver that the service uses, with nothing around it.
  return together((await runGenerators('limit/pg-main.ts', [order], stopping)).flat());
}

interface Pgbench {
  readonly program: string;
  readonly version: string;
}

const DEBIAN = '/usr/lib/postgresql';

let found: Pgbench | undefined | 'not looked for' = 'not looked for';

/** On the PATH, or where Debian keeps it. */
function findPgbench(): Pgbench | undefined {
  if (found !== 'not looked for') return found;
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN) : [];
  const candidates = ['pgbench', ...versions.map((each) => join(DEBIAN, each, 'bin/pgbench'))];
  return (found = candidates.map(probe).find((pgbench) => pgbench !== undefined));
}

function probe(program: string): Pgbench | undefined {
  try {
    const banner = execFileSync(program, ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [version = banner] = /pgbench \(PostgreSQL\) [\d.]+/.exec(banner) ?? [];
    return { program, version: version.trim().replace(' (PostgreSQL)', '') };
  } catch {
    return undefined;
  }
}

/** The share of transactions whose latency is logged: all would cost a tenth of the speed. */
const SAMPLED = 0.2;

async function runPgbench(
  program: string,
  { uri, transaction, users, firstNumber, seconds, folder }: LimitOrder,
  stopping: AbortSignal,
): Promise<LoadResult> {
  const script = join(folder, `${transaction.name}.sql`);
  writeFileSync(script, scriptOf(transaction));
  const { hostname, port, username, password, pathname } = new URL(uri);
  const cpuBefore = reapedCpuSeconds();
  const options = {
    protocol: 'prepared',
    client: LIMIT_CONNECTIONS,
    jobs: 1,
    time: seconds,
    file: script,
    'log-prefix': join(folder, 'pgbench'),
    'sampling-rate': SAMPLED,
    host: hostname,
    port,
    username,
  };
  const { exitCode, output, errors } = await runToEnd(
    program,
    [
      ...Object.entries(options).map(([name, value]) => `--${name}=${value}`),
      ...[`--define=users=${users}`, `--define=first=${firstNumber}`, '--define=n=0'],
      ...['--no-vacuum', '--log', pathname.slice(1)],
    ],
    stopping,
    { env: { PGPASSWORD: password, PGSSLMODE: 'disable', LC_ALL: 'C' } },
  );
  if (exitCode !== 0) throw new Error(`pgbench failed: ${errors}`);
  const told = (pattern: RegExp): number => Number(pattern.exec(output)?.[1] ?? 0);
  const requests = told(/number of transactions actually processed: (\d+)/);
  const failed = told(/number of failed transactions: (\d+)/);
  return {
    requests,
    seconds: requests / told(/^tps = ([\d.]+) \(without initial connection time\)/m),
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
