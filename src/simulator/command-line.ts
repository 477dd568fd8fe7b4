import { parseArgs } from 'node:util';
import type { SimulatorOptions } from './start-simulator.js';

const OPTIONS = {
  address: { type: 'string', short: 'a' },
  'database-uri': { type: 'string', short: 'd' },
  'rate-per-minute': { type: 'string' },
  'calculation-ms': { type: 'string' },
  'reward-unknown': { type: 'boolean' },
  'error-share': { type: 'string' },
  'drop-share': { type: 'string' },
  'delay-ms': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

type OptionName = keyof typeof OPTIONS;

export const HELP = `The accrual system for development, tests and demos; it keeps everything in memory.

  npm run simulator -- [options]

  -a, --address host:port    where to listen, default localhost:8081; :8081 is every interface; also RUN_ADDRESS
      --rate-per-minute N    questions about orders in a minute, beyond it 429; default 0: no limit
      --calculation-ms N     from the registration of an order to its final status, default 600
      --reward-unknown       award points to orders that nobody registered
      --error-share S        share of questions answered with 500, 0 to 1
      --drop-share S         share of questions whose connection is cut, 0 to 1
      --delay-ms N or N-N    hold every answer back for so long, or for a time drawn between the two
  -d, --database-uri URI     taken, as the original takes it, and not used
  -h, --help                 this text
`;

/** All that is wrong with the command line, a sentence each. */
export class CommandLineProblems extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`the command line is wrong:\n${problems.map((each) => `  - ${each}`).join('\n')}`);
  }
}

/**
 * `RUN_ADDRESS` is read because suites start the original with it; the flag beats it.
 *
 * @throws CommandLineProblems with everything that is wrong at once.
 */
export function readCommandLine(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): SimulatorOptions | 'help' {
  const problems: string[] = [];
  const given = readOptions(argv, problems);
  if (given.has('help')) return 'help';
  const read = <T>(
    name: OptionName,
    parse: (text: string) => T | undefined,
    fallback: T,
    expected: string,
  ): T => {
    const variable = name === 'address' && !given.has(name) ? 'RUN_ADDRESS' : undefined;
    const text = variable ? env[variable] : given.get(name);
    if (text === undefined || (variable && text === '')) return fallback;
    const value = parse(text);
    if (value === undefined)
      problems.push(`${variable ?? `--${name}`} must be ${expected}, not "${text}"`);
    return value ?? fallback;
  };
  const address = read(
    'address',
    parseAddress,
    { host: 'localhost', port: 8081 },
    'host:port (or :port for every interface)',
  );
  const ratePerMinute = read('rate-per-minute', parseWhole, 0, 'a whole number');
  const calculationMs = read('calculation-ms', parseWhole, 600, 'a whole number of milliseconds');
  const errorShare = read('error-share', parseShare, 0, 'a number from 0 to 1');
  const dropShare = read('drop-share', parseShare, 0, 'a number from 0 to 1');
  const delayMs = read(
    'delay-ms',
    parseRange,
    { min: 0, max: 0 },
    'milliseconds, such as 20 or 5-50',
  );
  if (errorShare + dropShare > 1)
    problems.push('--error-share and --drop-share must not exceed 1 together');
  if (problems.length > 0) throw new CommandLineProblems(problems);
  return {
    ...address,
    ratePerMinute,
    calculationMs,
    rewardUnknown: given.has('reward-unknown'),
    errorShare,
    dropShare,
    delayMs,
  };
}

/** Not strict, for the strict parser stops at the first mistake. */
function readOptions(argv: readonly string[], problems: string[]): Map<OptionName, string> {
  const given = new Map<OptionName, string>();
  for (const token of parseArgs({ args: [...argv], options: OPTIONS, strict: false, tokens: true })
    .tokens) {
    if (token.kind === 'positional') problems.push(`"${token.value}" belongs to no option`);
    if (token.kind !== 'option') continue;
    if (!isKnown(token.name)) problems.push(`${token.rawName} is no option (see --help)`);
    else if (OPTIONS[token.name].type === 'boolean') {
      if (token.value !== undefined) problems.push(`${token.rawName} takes no value`);
      given.set(token.name, '');
    } else if (token.value === undefined) problems.push(`${token.rawName} needs a value`);
    else given.set(token.name, token.value);
  }
  return given;
}

function isKnown(name: string): name is OptionName {
  return Object.hasOwn(OPTIONS, name);
}

/** An empty host is every interface, IPv4 too, as in Go, where the original comes from. */
function parseAddress(text: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65_535) return undefined;
  return { host: match[1] ?? (match[2] || '::'), port };
}

function parseWhole(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function parseShare(text: string): number | undefined {
  return /^(0|1|0?\.\d+|1\.0+)$/.test(text) ? Number(text) : undefined;
}

function parseRange(text: string): { min: number; max: number } | undefined {
  const [min, max = min, ...rest] = text.split('-').map(parseWhole);
  return min === undefined || max === undefined || min > max || rest.length > 0
    ? undefined
    : { min, max };
}
