import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { machine } from '../../test/support/processes/console.js';
import { median } from '../../test/support/processes/histogram.js';
import { type Bench, DATA, type Options } from '../bench.js';
import { limitTool } from '../limit/limit.js';
import { loadTool } from '../load/load.js';
import type { Findings } from '../scenarios/scenario.js';
import type { Figure } from './figures.js';

/** What a scenario has come to. */
export interface ScenarioReport extends Findings {
  readonly name: string;
  readonly meaning: string;
  /** All of it, starting and filling included. */
  readonly seconds: number;
  /** What must not happen; one fails the run. */
  readonly problems: readonly string[];
  /** Of the services in this scenario, the most that one had. */
  readonly peakMegabytes: number;
}

/** What was there when a run began. */
export interface Circumstances {
  readonly date: string;
  readonly machine: string;
  /** Of the machine in the minute before; what else runs is measured too. */
  readonly loadBefore: number;
  /** Until a page is on the disk, in milliseconds. */
  readonly syncMs: number;
  /** The settings that say what a commit is worth, as the server gives them. */
  readonly durability: Readonly<Record<string, string>>;
  readonly load: string;
  readonly limit: string;
  readonly options: Options;
}

export async function circumstancesOf({ options, server }: Bench): Promise<Circumstances> {
  const names = ['server_version', 'fsync', 'synchronous_commit', 'full_page_writes'];
  const rows = await server.query<{ name: string; setting: string }>(
    'SELECT name, setting FROM pg_settings WHERE name = ANY($1)',
    [names],
  );
  return {
    date: new Date().toISOString(),
    machine: machine(),
    loadBefore: loadavg()[0] ?? NaN,
    syncMs: syncMilliseconds(),
    durability: Object.fromEntries(rows.map(({ name, setting }) => [name, setting])),
    load: await loadTool(),
    limit: limitTool(),
    options,
  };
}

/** The median time until a page is on the disk: it decides most how fast single commits are. */
function syncMilliseconds(): number {
  const page = Buffer.alloc(8_192);
  const file = join(DATA, 'sync-probe');
  const descriptor = openSync(file, 'w');
  try {
    const times = Array.from({ length: 200 }, (_, i) => {
      const began = performance.now();
      writeSync(descriptor, page, 0, page.length, (i % 16) * page.length);
      fdatasyncSync(descriptor);
      return performance.now() - began;
    });
    return median(times);
  } finally {
    closeSync(descriptor);
    rmSync(file);
  }
}

/** One run: `--json` writes it as it is. */
export interface Run extends Circumstances {
  /** Which scenarios, in words: the peak of some is not compared with the peak of all. */
  readonly scope: string;
  readonly scenarios: readonly ScenarioReport[];
}

/** Of all services in all scenarios, in MB. */
const MOST_MEMORY = 300;

export function allFigures({ scope, scenarios }: Run): Figure[] {
  const figures = scenarios.flatMap((each) => each.figures);
  const peaks = scenarios.map(({ peakMegabytes }) => peakMegabytes).filter((peak) => peak > 0);
  if (peaks.length === 0) return figures;
  const [lowest, highest] = [Math.min(...peaks), Math.max(...peaks)];
  const name = `peak memory of the service, ${scope}`;
  const goal = { bound: 'at most', value: MOST_MEMORY } as const;
  return [...figures, { name, unit: 'MB', value: highest, lowest, highest, goal }];
}

export function problemsOf({ scenarios }: Run): string[] {
  return scenarios.flatMap(({ name, problems }) =>
    problems.map((problem) => `${name}: ${problem}`),
  );
}
