import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { Part } from './part.js';

export interface TortureOptions {
  readonly parts: readonly Part[];
  readonly seed: number;
  readonly minutes: number;
  /** Where the report goes as JSON. */
  readonly json?: string;
}

/**
 * Time for the parts of the short profile; with starting, stopping and the fixed work it stays
 * below three minutes.
 */
const SHORT_MINUTES = 1.75;

const OPTIONS = {
  seed: { type: 'string', short: 's' },
  minutes: { type: 'string', short: 'm' },
  json: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** The command line, or something on it, cannot be understood. */
export class CommandLineProblem extends Error {}

export function help(parts: readonly Part[]): string {
  const width = Math.max(...parts.map(({ name }) => name.length));
  return `Attacks the service and checks its books. Exit code 1 when a promise was broken.

  npm run torture -- [parts] [options]

Parts, without any all but those marked *:
${parts.map(({ name, meaning, byDefault }) => `  ${name.padEnd(width)} ${byDefault ? ' ' : '*'} ${meaning}`).join('\n')}

Options:
  -s, --seed N       repeat the run that was printed with this seed
  -m, --minutes N    how long to go on, default ${SHORT_MINUTES}; the parts share it
      --json FILE    write the report there too
  -h, --help         this text
`;
}

/** @throws CommandLineProblem */
export function readCommandLine(
  argv: readonly string[],
  known: readonly Part[],
): TortureOptions | 'help' {
  const { values, positionals } = parse(argv);
  if (values.help) return 'help';
  const unknown = positionals.find((name) => !known.some((part) => part.name === name));
  if (unknown !== undefined) {
    throw new CommandLineProblem(
      `there is no part "${unknown}", only ${known.map(({ name }) => name).join(', ')}`,
    );
  }
  const parts = known.filter(({ name, byDefault }) =>
    positionals.length > 0 ? positionals.includes(name) : byDefault,
  );
  const minutes = Number(values.minutes ?? SHORT_MINUTES);
  if (!(minutes > 0 && minutes <= 10_000))
    throw new CommandLineProblem(
      `--minutes must be a number above 0, not "${values.minutes ?? ''}"`,
    );
  const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 31) {
    throw new CommandLineProblem(
      `--seed must be a whole number below 2147483648, not "${values.seed ?? ''}"`,
    );
  }
  return { parts, seed, minutes, ...(values.json !== undefined && { json: values.json }) };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new CommandLineProblem((error as Error).message);
  }
}
