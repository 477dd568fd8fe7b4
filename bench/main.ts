import {
  closeSync,
  existsSync,
  fdatasyncSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { CommandLine, machine, Progress, whenStopped } from '../test/support/processes/console.js';
import { median } from '../test/support/processes/histogram.js';
import { mainOf } from '../test/support/processes/service-process.js';
import { type Against, COMPARED, compareBuilds, printComparisons } from './against.js';
import { Bench, DATA, FULL, type Options, QUICK } from './bench.js';
import { limitTool } from './limit/limit.js';
import { loadTool } from './load/load.js';
import { isMet } from './report/figures.js';
import { circumstances, print } from './report/print.js';
import {
  allFigures,
  type Circumstances,
  problemsOf,
  type Run,
  type ScenarioReport,
} from './report/run.js';
import { type Scenario, SCENARIOS } from './scenarios/scenario.js';

interface Arguments {
  readonly only?: string;
  readonly rounds?: number;
  readonly seconds?: number;
  readonly quick?: true;
  readonly check?: true;
  readonly json?: string;
  readonly markdown?: true;
  readonly profile?: string;
  readonly node?: string;
  readonly against?: string;
  readonly pairs?: number;
}

const PAIRS = 5;

const line = new CommandLine('npm run bench --');
line
  .description(
    'Measures the built service, in production mode on an embedded PostgreSQL, against plain SQL.',
  )
  .option('--only <names>', 'these scenarios, with commas between them')
  .option(
    '--rounds <n>',
    `turns of each comparison (default: ${FULL.core.rounds}, or ${FULL.side.rounds} where the service is compared with itself)`,
    line.number('rounds', 1, 1_000),
  )
  .option(
    '--seconds <n>',
    `of every round (default: ${FULL.core.seconds}, or ${FULL.side.seconds})`,
    line.number('seconds', 1, 3_600),
  )
  .option('--quick', 'short rounds and smaller books: to see that everything works')
  .option('--check', 'exit code 1 when a goal is missed')
  .option('--json <file>', 'write the run there, with every round')
  .option('--markdown', 'print the tables as they go into docs/performance.md')
  .option('--profile <folder>', 'have the services write CPU profiles there')
  .option('--node <program>', 'run the services with this Node')
  .option('--against <folder>', 'compare this build with the one in that folder, see below')
  .option('--pairs <n>', `of processes (default: ${PAIRS})`, line.number('pairs', 1, 100))
  .addHelpText(
    'after',
    `
Scenarios:
${SCENARIOS.map(({ name, meaning }) => `  ${name.padEnd(20)} ${meaning}`).join('\n')}

With --against there is no plain SQL. Both builds are measured by pairs of fresh processes, in
alternate order, on the same PostgreSQL and on equal books, in databases that each build migrates
itself. For each call it prints the ratio of requests per second, this build by the other: the
median of the pairs, the lowest and the highest; and, of this build / of the other, the medians of
requests per second, of the slowest 1 %, of CPU for a request and of the most memory resident.
The other folder needs a build: "npm ci && npm run build". Scenarios: ${names().join(', ')}.

Exit code 0 when all was measured, 1 when a reply or a row was wrong, 2 when it could not be measured.`,
  );

function names(): string[] {
  return [...new Set(COMPARED.map(({ name }) => name))];
}

/** @returns the exit code. */
async function main(stopping: AbortSignal): Promise<number> {
  const args = line.read().opts<Arguments>();
  const only = args.only?.split(',') ?? [];
  const other = args.against === undefined ? undefined : resolve(args.against);
  const scenarios = other === undefined ? line.choose(SCENARIOS, only) : [];
  const calls = other === undefined ? [] : line.choose(COMPARED, only);
  if (other === undefined && args.pairs !== undefined) line.wrong('--pairs needs --against');
  if (other !== undefined && !existsSync(mainOf(other)))
    line.wrong(`${mainOf(other)} is missing: run "npm ci" and "npm run build" in ${other}`);
  for (const name of ['rounds', 'check', 'markdown'] as const)
    if (other !== undefined && args[name] !== undefined)
      line.wrong(`--${name} does not go with --against`);
  line.check();
  const progress = new Progress('bench');
  const bench = await Bench.open(optionsOf(args), stopping, (text) => progress.say(text));
  try {
    const end = (): void => progress.end();
    return other === undefined
      ? await measureAll(bench, scenarios, args, end)
      : await compare(bench, { other, pairs: args.pairs ?? PAIRS, calls }, args, end);
  } finally {
    progress.end();
    await bench.close();
  }
}

async function measureAll(
  bench: Bench,
  scenarios: readonly Scenario[],
  args: Arguments,
  endProgress: () => void,
): Promise<number> {
  const circumstances = await circumstancesOf(bench);
  const reports: ScenarioReport[] = [];
  for (const scenario of scenarios) reports.push(await measure(scenario, bench));
  endProgress();
  const all = scenarios.length === SCENARIOS.length;
  const scope = all ? 'all scenarios' : scenarios.map(({ name }) => name).join(', ');
  const run: Run = { ...circumstances, scope, scenarios: reports };
  console.log(print(run, args.markdown === true));
  writeJson(args, run);
  const isMissed = allFigures(run).some((figure) => isMet(figure) === false);
  return problemsOf(run).length > 0 || (args.check && isMissed) ? 1 : 0;
}

async function compare(
  bench: Bench,
  against: Against,
  args: Arguments,
  endProgress: () => void,
): Promise<number> {
  const run = await circumstancesOf(bench);
  const comparisons = await compareBuilds(bench, against);
  const { problems } = await bench.clear();
  endProgress();
  writeJson(args, { ...run, ...against, comparisons, problems });
  const { other, pairs } = against;
  console.log([...circumstances(run), `this build / ${other}, ${pairs} pairs`].join('\n'));
  console.log(`\n${printComparisons(comparisons)}\n`);
  for (const problem of problems) console.log(`PROBLEM ${problem}`);
  return problems.length > 0 ? 1 : 0;
}

function optionsOf({ quick, rounds, seconds, profile, node }: Arguments): Options {
  const base = quick ? QUICK : FULL;
  const given = { ...(rounds && { rounds }), ...(seconds && { seconds }) };
  return {
    ...base,
    core: { ...base.core, ...given },
    side: { ...base.side, ...given },
    ...(profile !== undefined && { profile }),
    ...(node !== undefined && { node }),
  };
}

async function circumstancesOf({ options, server }: Bench): Promise<Circumstances> {
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

/** A scenario that breaks down is a problem of the run: what others measured must not be lost. */
async function measure(scenario: Scenario, bench: Bench): Promise<ScenarioReport> {
  const { name, meaning } = scenario;
  const began = Date.now();
  const findings = await scenario.run(bench).catch((error: unknown) => {
    if (bench.stopping.aborted) throw error;
    bench.report(
      `could not be measured: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    return { rows: [], figures: [] };
  });
  const cleared = await bench.clear();
  const seconds = Math.round((Date.now() - began) / 1_000);
  return { name, meaning, seconds, ...findings, ...cleared };
}

function writeJson({ json }: Arguments, run: object): void {
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(run, undefined, 2)}\n`);
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

const stopping = whenStopped();
try {
  process.exit(await main(stopping));
} catch (error) {
  if (stopping.aborted) console.error(`${stopping.reason}; everything was put away`);
  else console.error(error);
  process.exit(2);
}
