import { describe, expect, it } from '@jest/globals';
import { problemsOf, read, type Sources } from '../../test/support/fakes/configuration.js';
import { serviceCommandLine } from './command-line.js';
import { readConfig } from './read-config.js';
import { SETTINGS, settingsOf } from './settings.js';

describe(readConfig, () => {
  it('needs nothing', () => {
    expect(read()).toMatchObject({
      process: { runAddress: { host: 'localhost', port: 8080 }, environment: 'development' },
      postgres: { uri: undefined },
      cashback: { accrualAddress: undefined },
      auth: { jwtSecret: undefined, rateLimitPerSecond: 0, loginAttemptsPerMinute: 10 },
    });
  });

  it('lets a flag beat a variable, that beat .env, and that the default', () => {
    const env = { ACCRUAL_SYSTEM_ADDRESS: 'http://env', RUN_ADDRESS: ':1' };
    const dotenv =
      'ACCRUAL_SYSTEM_ADDRESS=http://file\nRUN_ADDRESS=:2\nRATE_LIMIT_RPS="7" # quoted\n';
    expect(read({ argv: ['-r', 'http://flag'], env, dotenv })).toMatchObject({
      process: { runAddress: { port: 1 } },
      auth: { rateLimitPerSecond: 7 },
      cashback: { accrualAddress: 'http://flag', rules: { maxTries: 10 } },
    });
  });

  it.each([
    [['-a', '127.0.0.1:8080', '-d', 'postgres://h/db', '-r', 'http://accrual']],
    [['-a=127.0.0.1:8080', '-d=postgres://h/db', '-r=http://accrual']],
    [['-a127.0.0.1:8080', '-dpostgres://h/db', '-rhttp://accrual']],
    [['--a', '127.0.0.1:8080', '--d=postgres://h/db', '--r=http://accrual']],
  ])('understands %j', (argv) => {
    expect(read({ argv })).toMatchObject({
      process: { runAddress: { host: '127.0.0.1', port: 8080 } },
      postgres: { uri: 'postgres://h/db' },
      cashback: { accrualAddress: 'http://accrual' },
    });
  });

  it('takes the last of a flag that stands twice', () => {
    expect(read({ argv: ['-a', ':1', '-a', ':2'] }).process.runAddress.port).toBe(2);
  });

  it('leaves an equals sign inside a value alone', () => {
    expect(read({ argv: ['-d=postgres://h/db?sslmode=disable'] }).postgres.uri).toBe(
      'postgres://h/db?sslmode=disable',
    );
  });

  it('takes what is empty for absent, at every level', () => {
    const env = { RUN_ADDRESS: '', DATABASE_URI: '', JWT_SECRET: '' };
    expect(read({ argv: ['-a='], env, dotenv: 'RUN_ADDRESS=:9\nDATABASE_URI=\n' })).toMatchObject({
      process: { runAddress: { port: 9 } },
      postgres: { uri: undefined },
      auth: { jwtSecret: undefined },
    });
  });

  it('takes white space for absent too, for settings of every kind', () => {
    const env = {
      DATA_FOLDER: ' ',
      JWT_SECRET: ' '.repeat(20),
      CASHBACK_TICK_MS: '\t',
      NODE_ENV: '',
    };
    expect(read({ env })).toMatchObject({
      process: { dataFolder: 'data', environment: 'development' },
      auth: { jwtSecret: undefined },
      cashback: { tickMs: 250 },
    });
  });

  const production = { NODE_ENV: 'production', JWT_SECRET: 'sixteen bytes or more' };
  const dotenv = 'DATABASE_URI=\nACCRUAL_SYSTEM_ADDRESS= \n';

  it.each<[Sources, string[]]>([
    [{ argv: [], env: { DATABASE_URI: '' } }, ['DATABASE_URI']],
    [{ argv: [], env: { ACCRUAL_SYSTEM_ADDRESS: ' ' } }, ['ACCRUAL_SYSTEM_ADDRESS']],
    [{ argv: ['-d', '', '-r='], env: {} }, ['flag -d', 'flag -r']],
    [{ argv: [], env: {}, dotenv }, ['DATABASE_URI in .env', 'ACCRUAL_SYSTEM_ADDRESS in .env']],
    // What is empty and would win is the mistake, whatever stands behind it.
    [{ argv: ['-d', ''], env: { DATABASE_URI: 'postgres://h/db' } }, ['flag -d']],
    [
      { argv: [], env: { DATABASE_URI: '' }, dotenv: 'DATABASE_URI=postgres://h/db' },
      ['DATABASE_URI'],
    ],
  ])('in production refuses the empty ones of %j', ({ argv = [], env, dotenv = '' }, names) => {
    expect(problemsOf({ argv, env: { ...env, ...production }, dotenv })).toEqual(
      names.map((name) => `${name} must not be empty when NODE_ENV=production`),
    );
    expect(problemsOf({ argv, env, dotenv })).toEqual([]);
  });

  it('in production takes others for absent, and these where something beats them', () => {
    const env = { ...production, DATABASE_URI: '', CASHBACK_TICK_MS: '', RUN_ADDRESS: '' };
    expect(read({ argv: ['-d', 'postgres://h/db'], env })).toMatchObject({
      process: { runAddress: { port: 8080 } },
      postgres: { uri: 'postgres://h/db' },
      cashback: { accrualAddress: undefined, tickMs: 250 },
    });
    expect(problemsOf({ env: { NODE_ENV: 'production', JWT_SECRET: '' } })).toEqual([
      expect.stringContaining('JWT_SECRET must be set'),
    ]);
  });

  it.each<Sources>([
    { env: { ACCRUAL_SYSTEM_ADDRESS: 'http://user:s3cret@host/?token=s3cret' } },
    { env: { ACCRUAL_SYSTEM_ADDRESS: 'user:s3cret@host' } },
    { env: { DATABASE_URI: 'postgres://user:s3cret@h:port/db?password=s3cret' } },
    { env: { RUN_ADDRESS: 'postgres://user:s3cret@h/db' } },
    { argv: ['postgres://user:s3cret@h/db'] },
    { argv: ["http://user:s3c'ret@h/db"] },
    { argv: ['-postgres://user:s3cret@h/db'] },
  ])('prints no password of %j', (sources) => {
    expect(problemsOf(sources)).toHaveLength(1);
    expect(problemsOf(sources).join()).not.toMatch(/s3c|ret@/);
  });

  it('reads origins, and addresses that may be off', () => {
    expect(read().http).toMatchObject({
      corsOrigins: [],
      metricsAddress: undefined,
      docsAddress: undefined,
    });
    const env = {
      CORS_ORIGINS: 'https://shop.example, http://localhost:3000',
      METRICS_ADDRESS: 'off',
      DOCS_ADDRESS: ':8082',
    };
    expect(read({ env }).http).toMatchObject({
      corsOrigins: ['https://shop.example', 'http://localhost:3000'],
      metricsAddress: 'off',
      docsAddress: { host: '::', port: 8082 },
    });
  });

  it.each([
    '*',
    'null',
    'shop.example',
    'https://shop.example/',
    'https://a,',
    'ftp://a',
    'HTTP://A',
  ])('refuses %j as origins', (CORS_ORIGINS) => {
    expect(problemsOf({ env: { CORS_ORIGINS } })).toEqual([
      expect.stringMatching(/^CORS_ORIGINS must be origins such as/),
    ]);
  });

  it.each(['OFF', '8082', 'http://u:s3cret@h:1/'])('refuses %j as an address', (DOCS_ADDRESS) => {
    const problems = problemsOf({ env: { DOCS_ADDRESS } });
    expect(problems).toEqual([expect.stringMatching(/^DOCS_ADDRESS must be host:port, :port/)]);
    expect(problems.join()).not.toContain('s3cret');
  });

  it('names everything that is wrong at once, and where it came from', () => {
    const problems = problemsOf({
      argv: ['-a', 'nowhere'],
      env: { DATABASE_URI: 'mysql://h/db', LOG_LEVEL: 'loud' },
      dotenv: 'RATE_LIMIT_RPS=many',
    });
    expect(problems).toEqual([
      expect.stringMatching(/^flag -a must be host:port/),
      expect.stringMatching(/^LOG_LEVEL must be one of/),
      expect.stringMatching(/^DATABASE_URI must be a PostgreSQL URI/),
      expect.stringMatching(/^RATE_LIMIT_RPS in \.env must be a whole number/),
    ]);
  });

  it.each([
    [['-x'], '-x is no option'],
    [['--version'], '--version is no option'],
    [['-a'], '--a needs a value'],
    [['-a', '-d', 'postgres://h/db'], '--a needs a value'],
    [['stray'], '"stray" means nothing here'],
    [['--', 'stray'], '"stray" means nothing here'],
  ])('refuses %j', (argv, problem) => {
    expect(problemsOf({ argv, env: { LOG_LEVEL: 'loud' } })).toEqual([
      `the command line: ${problem} (--help says what it takes)`,
      expect.stringMatching(/^LOG_LEVEL/),
    ]);
  });

  it.each([[['--help']], [['-h']], [['-x', '-a', 'nowhere', '--help']]])(
    'explains every flag and variable when asked to by %j',
    (argv) => {
      let help = '';
      const command = serviceCommandLine().configureOutput({ writeOut: (text) => (help += text) });
      expect(command.read(argv)).toBeUndefined();
      for (const flag of ['-a, --a <host:port>', '-d, --d <uri>', '-r, --r <url>'])
        expect(help).toContain(flag);
      for (const { variable, meaning, defaultText } of Object.values(SETTINGS).flatMap(
        ({ table }) => settingsOf(table),
      )) {
        const [line = ''] = help.split('\n').filter((each) => each.startsWith(`  ${variable} `));
        expect(line).toContain(meaning);
        if (defaultText !== '') expect(line).toContain(`(default: ${defaultText})`);
      }
    },
  );

  it('refuses production without a key of its own', () => {
    expect(problemsOf({ env: { NODE_ENV: 'production' } })).toEqual([
      expect.stringContaining('JWT_SECRET must be set'),
    ]);
    expect(
      read({ env: { NODE_ENV: 'production', JWT_SECRET: 'sixteen bytes or more' } }).auth.jwtSecret,
    ).toBe('sixteen bytes or more');
  });

  it('refuses a lease that does not outlive its question, and a spacing upside down', () => {
    const env = {
      CASHBACK_LEASE_MS: '9999',
      CASHBACK_SPACING_MIN_MS: '1000',
      CASHBACK_SPACING_MAX_MS: '999',
    };
    expect(problemsOf({ env })).toEqual([
      expect.stringContaining('CASHBACK_LEASE_MS must be at least twice'),
      expect.stringContaining('CASHBACK_SPACING_MAX_MS must not be below'),
    ]);
  });

  it('names what settings contradict together with what is wrong by itself', () => {
    expect(problemsOf({ env: { NODE_ENV: 'production', RUN_ADDRESS: 'nowhere' } })).toEqual([
      expect.stringContaining('RUN_ADDRESS must be host:port'),
      expect.stringContaining('JWT_SECRET must be set'),
    ]);
  });
});
