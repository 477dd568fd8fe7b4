import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import {
  aligned,
  CommandLine,
  machine,
  Progress,
  whenStopped,
} from '../support/processes/console.js';
import { CHAOS } from './chaos/chaos.js';
import { HOSTILE } from './hostile/hostile.js';
import { MODEL } from './model/model.js';
import { MUTANTS } from './mutants/mutants.js';
import type { Assignment, Part, PartReport } from './part.js';
import { RECONCILE } from './reconcile.js';

/** In the order they run in. */
const PARTS: readonly Part[] = [CHAOS, RECONCILE, MODEL, HOSTILE, MUTANTS];

/** With starting, stopping and the fixed work the short profile stays below three minutes. */
const SHORT_MINUTES = 1.75;

interface Arguments {
  readonly seed: number;
  readonly minutes: number;
  readonly json?: string;
  readonly mutants?: string;
}

/** What one run was and found. */
interface Report extends Arguments {
  readonly date: string;
  readonly machine: string;
  readonly passed: boolean;
  readonly parts: Readonly<Record<string, PartReport & { readonly seconds: number }>>;
}

const line = new CommandLine('npm run torture --')
  .description('Attacks the built service and checks its books.')
  .argument('[parts...]', 'without any, all but those marked *');
line
  .option(
    '-s, --seed <n>',
    'repeat the run that was printed with it',
    line.number('seed', 0, 2 ** 31 - 1),
  )
  .option(
    '-m, --minutes <n>',
    'how long to go on; the parts share it',
    line.number('minutes', 0.01, 10_000, 'any'),
    SHORT_MINUTES,
  )
  .option('--json <file>', 'write the report there too')
  .option('--mutants <words>', 'only mutants whose name has one of them, with commas between them')
  .addHelpText(
    'after',
    `
Parts:
${PARTS.map(({ name, meaning, byDefault }) => `  ${name.padEnd(9)} ${byDefault ? ' ' : '*'} ${meaning}`).join('\n')}

Exit code 0 when nothing was found, 1 when a promise was broken, 2 when the command line is wrong.`,
  );

async function torture(args: Arguments, parts: readonly Part[]): Promise<Report> {
  const stopping = whenStopped();
  const shares = parts.reduce((sum, { share }) => sum + share, 0);
  const reports: Record<string, PartReport & { seconds: number }> = {};
  const date = new Date().toISOString();
  for (const part of parts) {
    if (stopping.aborted) break;
    const seconds = shares === 0 ? 0 : (args.minutes * 60 * part.share) / shares;
    reports[part.name] = await attempt(part, { ...args, seconds, stopping });
  }
  const isQuiet = Object.values(reports).every(({ violations }) => violations.length === 0);
  const passed = isQuiet && !stopping.aborted;
  return { date, machine: machine(), ...args, passed, parts: reports };
}

/** A part that breaks down has proved nothing: that is a violation too. */
async function attempt(
  part: Part,
  { seed, seconds, stopping, mutants }: Arguments & Pick<Assignment, 'seconds' | 'stopping'>,
): Promise<PartReport & { seconds: number }> {
  const progress = new Progress(part.name);
  const began = Date.now();
  const say = (line: string): void => progress.say(line);
  const words = mutants === undefined ? {} : { mutants: mutants.split(',') };
  const report = await part
    .run({ seed, seconds, say, stopping, ...words })
    .catch((error: unknown) => ({
      facts: {},
      violations: [
        `broke down: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      ],
    }));
  progress.end();
  return { ...report, seconds: Math.round((Date.now() - began) / 1000) };
}

/** Violations come last: the tables above can be longer than what is kept of a log. */
function print({ date, seed, minutes, machine, passed, parts }: Report): string {
  const sections = Object.entries(parts).map(([name, { seconds, facts, violations, table }]) => {
    const verdict = violations.length === 0 ? 'passed' : `${violations.length} VIOLATIONS`;
    return [
      `${name}: ${verdict} (${seconds} s)`,
      ...Object.entries(facts).map(([fact, value]) => `  ${fact}: ${value}`),
      ...(table ? ['', aligned(table, false)] : []),
    ].join('\n');
  });
  const broken = Object.entries(parts).flatMap(([name, { violations }]) =>
    violations.map((violation) => `! ${name}: ${violation}`),
  );
  const names = Object.keys(parts).join(' ');
  const again = `npm run torture -- ${names} --seed ${seed} --minutes ${minutes}`;
  const verdict = `${passed ? 'PASSED' : 'FAILED'}; again: ${again}`;
  const head = `${date}, seed ${seed}, ${machine}`;
  return [head, ...sections, [...broken, verdict].join('\n')].join('\n\n');
}

line.read();
const args = { seed: randomInt(2 ** 31), ...line.opts<Omit<Arguments, 'seed'>>() };
const named = line.choose(PARTS, line.args);
line.check();
const chosen = line.args.length > 0 ? named : named.filter(({ byDefault }) => byDefault);
const report = await torture(args, chosen);
if (args.json !== undefined) writeFileSync(args.json, `${JSON.stringify(report, undefined, 2)}\n`);
console.log(`\n${print(report)}`);
process.exit(report.passed ? 0 : 1);
