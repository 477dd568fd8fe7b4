import { writeFileSync } from 'node:fs';
import { Progress } from '../test/torture/progress.js';
import { bench } from './bench.js';
import { type BenchOptions, CommandLineProblem, help, readCommandLine } from './command-line.js';
import { isMet } from './report/figure.js';
import { print } from './report/print.js';
import { allFigures, problemsOf, type Run } from './report/run.js';
import { changesSinceLastRun, save } from './report/saved-run.js';
import { SCENARIOS } from './scenarios/index.js';

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => stopping.abort(new Error(`stopped by ${signal}`)));

/** @returns the exit code. */
async function main(): Promise<number> {
  const wish = readCommandLine(process.argv.slice(2), SCENARIOS);
  if (wish === 'help') {
    console.log(help(SCENARIOS));
    return 0;
  }
  const progress = new Progress('bench');
  try {
    const run = await bench(wish.scenarios, wish.options, stopping.signal, (line) =>
      progress.say(line),
    );
    progress.end();
    return show(run, wish);
  } finally {
    progress.end();
  }
}

function show(run: Run, { isQuick, options, json, markdown, check }: BenchOptions): number {
  console.log(print(run, changesSinceLastRun(run), markdown ? 'markdown' : 'terminal'));
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(run, undefined, 2)}\n`);
  const problems = problemsOf(run);
  // What went wrong, was too short to mean much or was slowed down by a profiler is nothing to
  // compare the next run with.
  if (problems.length === 0 && !isQuick && options.profile === undefined) save(run);
  const isMissed = allFigures(run).some((figure) => isMet(figure) === false);
  return problems.length > 0 || (check && isMissed) ? 1 : 0;
}

try {
  process.exit(await main());
} catch (error) {
  if (stopping.signal.aborted)
    console.error(`${(stopping.signal.reason as Error).message}; everything was put away`);
  else console.error(error instanceof CommandLineProblem ? `${error.message} (see --help)` : error);
  process.exit(2);
}
