import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CommandLine, type Given, UsageProblems } from '../src/platform/cli/command-line.js';
import { choose, numberOf, Progress, whenStopped } from '../test/support/processes/console.js';
import { mainOf } from '../test/support/processes/service-process.js';
import { type Against, COMPARED, compareBuilds, printComparisons } from './against.js';
import { Bench, FULL, LONG, type Options, QUICK } from './bench.js';
import { isMet } from './report/figures.js';
import { circumstances, print } from './report/print.js';
import {
  allFigures,
  circumstancesOf,
  problemsOf,
  type Run,
  type ScenarioReport,
} from './report/run.js';
import { type Scenario, SCENARIOS } from './scenarios/scenario.js';

/** What the command line asks for. */
interface Arguments {
  readonly options: Options;
  readonly isChecked: boolean;
  readonly isPage: boolean;
  readonly json: string | undefined;
  readonly work: readonly Scenario[] | Against;
}

const PAIRS = 5;

const COMPARED_NAMES = [...new Set(COMPARED.map(({ name }) => name))].join(', ');

const command = new CommandLine('npm run bench --')
  .description(
    'Measures the built service, in production mode on an embedded PostgreSQL, against plain SQL.',
  )
  .option('--only [names]', 'these scenarios, with commas between them')
  .option(
    '--rounds [n]',
    `turns of each comparison (default: ${FULL.core.rounds}, ` +
      `or ${FULL.side.rounds} where the service is compared with itself)`,
  )
  .option(
    '--seconds [n]',
    `of every round (default: ${FULL.core.seconds}, or ${FULL.side.seconds})`,
  )
  .option('--long', 'a broker that is away for ten minutes, and a journal of ten million events')
  .option('--quick', 'short rounds and smaller books: to see that everything works')
  .option('--check', 'exit code 1 when a goal is missed')
  .option('--json [file]', 'write the run there, with every round')
  .option('--markdown', 'print the tables as they go into docs/performance.md')
  .option('--profile [folder]', 'have the services write CPU profiles there')
  .option('--node [program]', 'run the services with this Node')
  .option('--against [folder]', 'compare this build with the one in that folder, see below')
  .option('--pairs [n]', `of processes (default: ${PAIRS})`)
  .addHelpText(
    'after',
    `
Scenarios:
${SCENARIOS.map(({ name, meaning }) => `  ${name.padEnd(20)} ${meaning}`).join('\n')}

With --against there is no plain SQL. A fresh process of each build runs, on the same PostgreSQL and
on equal books, in databases that each build migrates itself, and they take turns of a second (of
log-ins and credits longer ones). For each call it prints the ratio of requests per second, this
build by the other: the median of the pairs, the lowest and the highest; and, of this build / of the
other, the medians of requests per second, of the slowest 1 %, of CPU for a request and of the most
memory resident.
The other folder needs a build: "npm ci && npm run build". Scenarios: ${COMPARED_NAMES}.

Exit code 0 when all was measured, 1 when a reply or a row was wrong, 2 when it could not be \
measured.`,
  )
  .does(read, run);

function read(given: Given): Arguments {
  const { flags, values, problems } = given;
  const only = values.only?.split(',') ?? [];
  const pairs = numberOf(given, 'pairs', 1, 100);
  const other = values.against === undefined ? undefined : resolve(values.against);
  if (other === undefined && pairs !== undefined) problems.push('--pairs needs --against');
  if (other !== undefined) {
    if (!existsSync(mainOf(other)))
      problems.push(`${mainOf(other)} is missing: run "npm ci" and "npm run build" in ${other}`);
    for (const name of ['rounds', 'check', 'markdown'])
      if (flags.has(name) || values[name] !== undefined)
        problems.push(`--${name} does not go with --against`);
  }
  return {
    options: optionsOf(given),
    isChecked: flags.has('check'),
    isPage: flags.has('markdown'),
    json: values.json,
    work:
      other === undefined
        ? choose(given, SCENARIOS, only)
        : { other, pairs: pairs ?? PAIRS, calls: choose(given, COMPARED, only) },
  };
}

function optionsOf(given: Given): Options {
  const { flags, values, problems } = given;
  const [rounds, seconds] = [
    numberOf(given, 'rounds', 1, 1_000),
    numberOf(given, 'seconds', 1, 3_600),
  ];
  if (flags.has('quick') && flags.has('long')) problems.push('--quick does not go with --long');
  const base = flags.has('quick') ? QUICK : flags.has('long') ? LONG : FULL;
  const length = { ...(rounds && { rounds }), ...(seconds && { seconds }) };
  return {
    ...base,
    core: { ...base.core, ...length },
    side: { ...base.side, ...length },
    ...(values.profile !== undefined && { profile: values.profile }),
    ...(values.node !== undefined && { node: values.node }),
  };
}

/** Ends the process. */
async function run(args: Arguments): Promise<never> {
  const progress = new Progress('bench');
  const bench = await Bench.open(args.options, stopping, (text) => progress.say(text));
  const { work } = args;
  try {
    const problems =
      'other' in work
        ? await compare(bench, work, args, progress)
        : await measureAll(bench, work, args, progress);
    process.exitCode = problems ? 1 : 0;
  } finally {
    progress.end();
    await bench.close();
  }
  process.exit();
}

/** @returns whether something was wrong. */
async function measureAll(
  bench: Bench,
  scenarios: readonly Scenario[],
  { isPage, isChecked, json }: Arguments,
  progress: Progress,
): Promise<boolean> {
  const circumstances = await circumstancesOf(bench);
  const reports: ScenarioReport[] = [];
  for (const scenario of scenarios) reports.push(await measure(scenario, bench));
  progress.end();
  const all = scenarios.length === SCENARIOS.length;
  const scope = all ? 'all scenarios' : scenarios.map(({ name }) => name).join(', ');
  const run: Run = { ...circumstances, scope, scenarios: reports };
  console.log(print(run, isPage));
  writeJson(json, run);
  const isMissed = allFigures(run).some((figure) => isMet(figure) === false);
  return problemsOf(run).length > 0 || (isChecked && isMissed);
}

/** @returns whether something was wrong. */
async function compare(
  bench: Bench,
  against: Against,
  { json }: Arguments,
  progress: Progress,
): Promise<boolean> {
  const run = await circumstancesOf(bench);
  const comparisons = await compareBuilds(bench, against);
  const problems = comparisons.flatMap(({ what, problems }) =>
    problems.map((problem) => `${what}: ${problem}`),
  );
  progress.end();
  writeJson(json, { ...run, ...against, comparisons });
  const { other, pairs } = against;
  console.log([...circumstances(run), `this build / ${other}, ${pairs} pairs`].join('\n'));
  console.log(`\n${printComparisons(comparisons)}\n`);
  for (const problem of problems) console.log(`PROBLEM ${problem}`);
  return problems.length > 0;
}

/** A scenario that breaks down is a problem of the run: what others measured must not be lost. */
async function measure(scenario: Scenario, bench: Bench): Promise<ScenarioReport> {
  const { name, meaning } = scenario;
  const began = Date.now();
  const findings = await scenario.run(bench).catch((error: unknown) => {
    if (bench.stopping.aborted) throw error;
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    bench.report(`could not be measured: ${told}`);
    return { rows: [], figures: [] };
  });
  const cleared = await bench.clear();
  const seconds = Math.round((Date.now() - began) / 1_000);
  return { name, meaning, seconds, ...findings, ...cleared };
}

function writeJson(file: string | undefined, run: object): void {
  if (file !== undefined) writeFileSync(file, `${JSON.stringify(run, undefined, 2)}\n`);
}

const stopping = whenStopped();
try {
  await command.run(process.argv.slice(2));
} catch (error) {
  if (stopping.aborted) console.error(`${stopping.reason}; everything was put away`);
  else console.error(error instanceof UsageProblems ? error.message : error);
  process.exit(2);
}
