import { parseArgs } from 'node:util';
import type { Scenario } from './scenarios/scenario.js';
import { FULL, type Options, QUICK } from './stage/options.js';

/** What a run is told. */
export interface BenchOptions {
  readonly scenarios: readonly Scenario[];
  readonly options: Options;
  readonly isQuick: boolean;
  /** Where the run goes as JSON. */
  readonly json?: string;
  readonly markdown: boolean;
  /** A missed goal is a failure too. */
  readonly check: boolean;
}

const OPTIONS = {
  only: { type: 'string' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  quick: { type: 'boolean' },
  check: { type: 'boolean' },
  json: { type: 'string' },
  markdown: { type: 'boolean' },
  profile: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** The command line, or something on it, cannot be understood. */
export class CommandLineProblem extends Error {}

export function help(scenarios: readonly Scenario[]): string {
  const width = Math.max(...scenarios.map(({ name }) => name.length));
  return `Measures the built service, in production mode on an embedded PostgreSQL, against plain SQL.

  npm run bench -- [options]

Scenarios:
${scenarios.map(({ name, meaning }) => `  ${name.padEnd(width)}  ${meaning}`).join('\n')}

Options:
      --only NAMES    these scenarios, with commas between them
      --rounds N      turns of each comparison, default ${FULL.rounds}, ${FULL.sideRounds} where the service is compared with itself
      --seconds N     of every round, default ${FULL.seconds}, ${FULL.sideSeconds} where the service is compared with itself
      --quick         a round of a second or two each, and smaller books: to see that everything works
      --check         exit code 1 when a goal is missed
      --json FILE     write the run there, with every round
      --markdown      print the tables as they go into docs/performance.md
      --profile DIR   have the services write CPU profiles there
  -h, --help          this text

Exit code 0 when all was measured, 1 when a reply or a row was wrong, 2 when it could not be measured.
`;
}

/** @throws CommandLineProblem */
export function readCommandLine(
  argv: readonly string[],
  known: readonly Scenario[],
): BenchOptions | 'help' {
  const {
    only,
    rounds,
    seconds,
    quick = false,
    check = false,
    json,
    markdown = false,
    profile,
    help: isHelp,
  } = parse(argv);
  if (isHelp) return 'help';
  const names = only?.split(',') ?? known.map(({ name }) => name);
  const unknown = names.find((name) => !known.some((scenario) => scenario.name === name));
  if (unknown !== undefined) {
    throw new CommandLineProblem(
      `there is no scenario "${unknown}", only ${known.map(({ name }) => name).join(', ')}`,
    );
  }
  const turns =
    rounds === undefined
      ? {}
      : { rounds: whole('rounds', rounds), sideRounds: whole('rounds', rounds) };
  const length =
    seconds === undefined
      ? {}
      : { seconds: whole('seconds', seconds), sideSeconds: whole('seconds', seconds) };
  return {
    scenarios: known.filter(({ name }) => names.includes(name)),
    options: {
      ...(quick ? QUICK : FULL),
      ...turns,
      ...length,
      ...(profile !== undefined && { profile }),
    },
    isQuick: quick,
    markdown,
    check,
    ...(json !== undefined && { json }),
  };
}

function whole(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 3_600) {
    throw new CommandLineProblem(
      `--${option} must be a whole number from 1 to 3600, not "${text}"`,
    );
  }
  return value;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS }).values;
  } catch (error) {
    throw new CommandLineProblem((error as Error).message);
  }
}
