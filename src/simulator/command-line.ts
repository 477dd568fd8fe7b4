import { type Address, parseAddress } from '../kernel/application/address.js';
import { CommandLine, type Given } from '../platform/cli/command-line.js';
import type { SimulatorOptions } from './start-simulator.js';

const DEFAULT_ADDRESS = 'localhost:8081';

/**
 * `npm run simulator -- …`.
 *
 * @param env suites start the original with `RUN_ADDRESS`; `--address` beats it.
 */
export function simulatorCommand(
  env: Readonly<Record<string, string | undefined>>,
  start: (options: SimulatorOptions) => Promise<void>,
): CommandLine {
  return new CommandLine('npm run simulator --')
    .description(
      'The accrual system for development, tests and demos. It keeps everything in memory.',
    )
    .option(
      '-a, --address [host:port]',
      `where to listen; :8081 is every interface; also RUN_ADDRESS (default: "${DEFAULT_ADDRESS}")`,
    )
    .option(
      '--rate-per-minute [n]',
      'requests for orders in a minute, beyond it 429; 0: no limit',
      '0',
    )
    .option('--calculation-ms [n]', 'from the registration of an order to its final status', '600')
    .option(
      '--reward-unknown',
      'award points to every order, not only to those registered or issued here',
    )
    .option('--error-share [share]', 'share of requests for orders answered with 500, 0 to 1', '0')
    .option('--drop-share [share]', 'share of them whose connection is cut, 0 to 1', '0')
    .option('--delay-ms [n or n-n]', 'delay of their replies, or the range it is drawn from', '0')
    .option('-d, --database-uri [uri]', 'taken, as the original takes it, and not used')
    .does((given) => readOptions(given, env), start);
}

function readOptions(
  { flags, values, problems }: Given,
  env: Readonly<Record<string, string | undefined>>,
): SimulatorOptions {
  /** With a problem the options are not used: a value that is missing does no harm. */
  const read = <T>(
    name: string,
    text: string | undefined,
    parse: (text: string) => T | undefined,
    expected: string,
  ): T => {
    const value = parse(text ?? '');
    if (value === undefined) problems.push(`${name} must be ${expected}, not "${text}"`);
    return value as T;
  };
  const address = read<Address>(
    values.address === undefined ? 'RUN_ADDRESS' : '--address',
    values.address ?? (env.RUN_ADDRESS || DEFAULT_ADDRESS),
    parseAddress,
    'host:port (or :port for every interface)',
  );
  const options = {
    ...address,
    ratePerMinute: read('--rate-per-minute', values.ratePerMinute, parseWhole, 'a whole number'),
    calculationMs: read(
      '--calculation-ms',
      values.calculationMs,
      parseWhole,
      'a whole number of milliseconds',
    ),
    rewardUnknown: flags.has('rewardUnknown'),
    errorShare: read('--error-share', values.errorShare, parseShare, 'a number from 0 to 1'),
    dropShare: read('--drop-share', values.dropShare, parseShare, 'a number from 0 to 1'),
    delayMs: read('--delay-ms', values.delayMs, parseRange, 'milliseconds, such as 20 or 5-50'),
  };
  if (options.errorShare + options.dropShare > 1)
    problems.push('--error-share and --drop-share must not exceed 1 together');
  return options;
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
