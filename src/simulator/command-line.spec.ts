import { describe, expect, it } from '@jest/globals';
import { CommandLineProblems, HELP, readCommandLine } from './command-line.js';

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

const read = (line: string, env = {}): unknown =>
  readCommandLine(line.split(' ').filter(Boolean), env);

function problemsOf(line: string, env = {}): readonly string[] {
  try {
    read(line, env);
  } catch (error) {
    if (error instanceof CommandLineProblems) return error.problems;
    throw error;
  }
  return [];
}

describe(readCommandLine.name, () => {
  it('needs nothing', () => {
    expect(read('')).toEqual(DEFAULTS);
  });

  it('reads every option', () => {
    const line =
      '-a 127.0.0.1:0 --rate-per-minute 120 --calculation-ms 50 --reward-unknown ' +
      '--error-share 0.25 --drop-share .5 --delay-ms 5-50 -d postgres://localhost/accrual';
    expect(read(line)).toEqual({
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
  ])('reads the address of %s', (line, host, port) => {
    expect(read(line)).toEqual({ ...DEFAULTS, host, port });
  });

  it('takes the address of RUN_ADDRESS unless the flag is given', () => {
    expect(read('', { RUN_ADDRESS: 'localhost:9001' })).toEqual({ ...DEFAULTS, port: 9001 });
    expect(read('-a :9002', { RUN_ADDRESS: 'nonsense' })).toEqual({
      ...DEFAULTS,
      host: '::',
      port: 9002,
    });
    expect(read('', { RUN_ADDRESS: '' })).toEqual(DEFAULTS);
    expect(problemsOf('', { RUN_ADDRESS: 'nonsense' })).toEqual([
      expect.stringContaining('RUN_ADDRESS must be host:port'),
    ]);
  });

  it('takes one delay for both ends', () => {
    expect(read('--delay-ms 20')).toEqual({ ...DEFAULTS, delayMs: { min: 20, max: 20 } });
  });

  it('names everything that is wrong at once', () => {
    const line =
      '-a 8081 --rate-per-minute many --calculation-ms 1.5 --error-share 2 --drop-share x --delay-ms 50-5 ' +
      '--reward-unknown=yes --fast stray -d';
    expect(problemsOf(line)).toEqual([
      '--reward-unknown takes no value',
      '--fast is no option (see --help)',
      '"stray" belongs to no option',
      '-d needs a value',
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
  ])('refuses %s', (line) => {
    expect(problemsOf(line)).not.toEqual([]);
  });

  it('refuses shares beyond the whole', () => {
    expect(problemsOf('--error-share 0.6 --drop-share 0.5')).toEqual([
      '--error-share and --drop-share must not exceed 1 together',
    ]);
  });

  it('explains every option', () => {
    expect(read('--help')).toBe('help');
    expect(read('-h --nonsense')).toBe('help');
    for (const option of [
      '-a',
      '-d',
      '--rate-per-minute',
      '--calculation-ms',
      '--reward-unknown',
      '--error-share',
      '--delay-ms',
    ]) {
      expect(HELP).toContain(option);
    }
  });
});
