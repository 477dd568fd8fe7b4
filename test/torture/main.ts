import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { CommandLine, type Given, UsageProblems } from '../../src/platform/cli/command-line.js';
import {
  aligned,
  choose,
  machine,
  numberOf,
  Progress,
  whenStopped,
} from '../support/processes/console.js';
import { BROKER } from './broker/broker.js';
import { CHAOS } from './chaos/chaos.js';
import { FAILOVER } from './faults/failover.js';
import { FAULTS_PART } from './faults/faults.js';
import { HOSTILE } from './hostile/hostile.js';
import { MODEL } from './model/model.js';
import { MUTANTS } from './mutants/mutants.js';
import type { Assignment, Part, PartReport } from './part.js';
import { RECONCILE } from './reconcile.js';
import { ROLES } from './broker/roles.js';

/** In the order they run in. */
const PARTS: readonly Part[] = [
  CHAOS,
  BROKER,
  ROLES,
  FAULTS_PART,
  FAILOVER,
  RECONCILE,
  MODEL,
  HOSTILE,
  MUTANTS,
];

const helpOf = ({ name, meaning, byDefault }: Part): string =>
  `  ${name.padEnd(9)} ${byDefault ? ' ' : '*'} ${meaning}`;

const SHORT_MINUTES = 2.45;

interface Arguments {
  readonly seed: number;
  readonly minutes: number;
}

interface Asked extends Arguments {
  readonly chosen: readonly Part[];
  readonly json: string | undefined;
  readonly mutants: string | undefined;
}

/** What one run was and found. */
interface Report extends Arguments {
  readonly date: string;
  readonly machine: string;
  readonly passed: boolean;
  readonly parts: Readonly<Record<string, PartReport & { readonly seconds: number }>>;
}

const command = new CommandLine('npm run torture --')
  .description('Attacks the built service and checks its books.')
  .argument('[parts...]', 'without any, all but those marked *')
  .option('-s, --seed [n]', 'repeat the run that was printed with it (default: drawn)')
  .option('-m, --minutes [n]', `how long to go on; the parts share it (default: ${SHORT_MINUTES})`)
  .option('--json [file]', 'write the report there too')
  .option('--mutants [words]', 'only mutants whose name has one of them, with commas between them')
  .addHelpText(
    'after',
    `
Parts:
${PARTS.map(helpOf).join('\n')}

Exit code 0 when nothing was found, 1 when a promise was broken, 2 when the command line is wrong.`,
  )
  .does(read, run);

function read(given: Given): Asked {
  const { values, operands } = given;
  const named = choose(given, PARTS, operands);
  return {
    seed: numberOf(given, 'seed', 0, 2 ** 31 - 1) ?? randomInt(2 ** 31),
    minutes: numberOf(given, 'minutes', 0.01, 10_000, 'any') ?? SHORT_MINUTES,
    chosen: operands.length > 0 ? named : named.filter(({ byDefault }) => byDefault),
    json: values.json,
    mutants: values.mutants,
  };
}

/** Ends the process. */
async function run({ json, ...asked }: Asked): Promise<never> {
  const report = await torture(asked);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, undefined, 2)}\n`);
  console.log(`\n${print(report)}`);
  process.exit(report.passed ? 0 : 1);
}

async function torture({ chosen, seed, minutes, mutants }: Omit<Asked, 'json'>): Promise<Report> {
  const stopping = whenStopped();
  const shares = chosen.reduce((sum, { share }) => sum + share, 0);
  const reports: Record<string, PartReport & { seconds: number }> = {};
  const words = mutants === undefined ? {} : { mutants: mutants.split(',') };
  const date = new Date().toISOString();
  for (const part of chosen) {
    if (stopping.aborted) break;
    const seconds = shares === 0 ? 0 : (minutes * 60 * part.share) / shares;
    reports[part.name] = await attempt(part, { seed, seconds, stopping, ...words });
  }
  const isQuiet = Object.values(reports).every(({ violations }) => violations.length === 0);
  const passed = isQuiet && !stopping.aborted;
  return { date, machine: machine(), seed, minutes, passed, parts: reports };
}

/** A part that breaks down has proved nothing: that is a violation too. */
async function attempt(
  part: Part,
  assignment: Omit<Assignment, 'say'>,
): Promise<PartReport & { seconds: number }> {
  const progress = new Progress(part.name);
  const began = Date.now();
  const say = (line: string): void => progress.say(line);
  const report = await part.run({ ...assignment, say }).catch((error: unknown) => ({
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

try {
  await command.run(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof UsageProblems ? error.message : error);
  process.exit(2);
}
