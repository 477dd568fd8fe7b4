import { describe, expect, it } from '@jest/globals';
import { UsageProblems } from '../platform/cli/command-line.js';
import { simulatorCommand } from './command-line.js';
import type { SimulatorOptions } from './start-simulator.js';

const DEFAULTS = {
  host: 'localhost',
  port: 8081,
  ratePerMinute: 0,
  calculationMs: 600,
  rewardUnknown: false,
  errorShare: 0,
  dropShare: 0,
  delayMs: { min: 0, max: 0 },
};

/** What the simulator is started with. */
async function read(line: string, env = {}): Promise<SimulatorOptions | undefined> {
  let given: SimulatorOptions | undefined;
  await simulatorCommand(env, (options) => Promise.resolve(void (given = options))).run(
    line.split(' ').filter(Boolean),
  );
  return given;
}

async function problemsOf(line: string, env = {}): Promise<readonly string[]> {
  const error: unknown = await read(line, env).catch((thrown: unknown) => thrown);
  if (error instanceof UsageProblems) return error.problems;
  throw new Error(`nothing is wrong with it: ${String(error)}`);
}

describe(simulatorCommand, () => {
  it('needs nothing', async () => {
    await expect(read('')).resolves.toEqual(DEFAULTS);
  });

  it('reads every option', async () => {
    const line =
      '-a 127.0.0.1:0 --rate-per-minute 120 --calculation-ms 50 --reward-unknown ' +
      '--error-share 0.25 --drop-share .5 --delay-ms 5-50 -d postgres://localhost/accrual';
    await expect(read(line)).resolves.toEqual({
      host: '127.0.0.1',
      port: 0,
      ratePerMinute: 120,
      calculationMs: 50,
      rewardUnknown: true,
      errorShare: 0.25,
      dropShare: 0.5,
      delayMs: { min: 5, max: 50 },
    });
  });

  it.each([
    ['-a :8081', '::', 8081],
    ['--address=[::1]:9000', '::1', 9000],
    ['-a accrual.local:80', 'accrual.local', 80],
  ])('reads the address of %s', async (line, host, port) => {
    await expect(read(line)).resolves.toEqual({ ...DEFAULTS, host, port });
  });

  it('takes the address of RUN_ADDRESS unless the flag is given', async () => {
    await expect(read('', { RUN_ADDRESS: 'localhost:9001' })).resolves.toEqual({
      ...DEFAULTS,
      port: 9001,
    });
    await expect(read('-a :9002', { RUN_ADDRESS: 'nonsense' })).resolves.toEqual({
      ...DEFAULTS,
      host: '::',
      port: 9002,
    });
    await expect(read('', { RUN_ADDRESS: '' })).resolves.toEqual(DEFAULTS);
    await expect(problemsOf('', { RUN_ADDRESS: 'nonsense' })).resolves.toEqual([
      expect.stringContaining('RUN_ADDRESS must be host:port'),
    ]);
  });

  it('takes one delay for both ends', async () => {
    await expect(read('--delay-ms 20')).resolves.toEqual({
      ...DEFAULTS,
      delayMs: { min: 20, max: 20 },
    });
  });

  it('names everything that is wrong at once', async () => {
    const line =
      '-a 8081 --rate-per-minute many --calculation-ms 1.5 --error-share 2 --drop-share x ' +
      '--delay-ms 50-5 --reward-unknown=yes --fast stray -d';
    await expect(problemsOf(line)).resolves.toEqual([
      '--database-uri needs a value',
      '--reward-unknown takes no value',
      '--fast is no option',
      '"stray" means nothing here',
      '--address must be host:port (or :port for every interface), not "8081"',
      '--rate-per-minute must be a whole number, not "many"',
      '--calculation-ms must be a whole number of milliseconds, not "1.5"',
      '--error-share must be a number from 0 to 1, not "2"',
      '--drop-share must be a number from 0 to 1, not "x"',
      '--delay-ms must be milliseconds, such as 20 or 5-50, not "50-5"',
    ]);
  });

  it.each([
    '-a host:65536',
    '-a a:b:1',
    '--delay-ms 1-2-3',
    '--delay-ms -',
    '--rate-per-minute -1',
    '--constructor=1',
  ])('refuses %s', async (line) => {
    await expect(problemsOf(line)).resolves.not.toEqual([]);
  });

  it('refuses shares beyond the whole', async () => {
    await expect(problemsOf('--error-share 0.6 --drop-share 0.5')).resolves.toEqual([
      '--error-share and --drop-share must not exceed 1 together',
    ]);
  });

  it('explains every option', () => {
    const help = simulatorCommand({}, () => Promise.resolve()).helpInformation();
    for (const option of [
      '-a',
      '-d',
      '--rate-per-minute',
      '--calculation-ms',
      '--reward-unknown',
      '--error-share',
      '--drop-share',
      '--delay-ms',
    ])
      expect(help).toMatch(new RegExp(`^ *${option}[ ,]`, 'm'));
  });
});
