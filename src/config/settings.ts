import { availableParallelism } from 'node:os';
import {
  type Address,
  address,
  httpUrl,
  oneOf,
  orZero,
  postgresUri,
  secret,
  type Setting,
  wholeNumber,
  yesOrNo,
} from './setting.js';

function setting<T>(
  variable: string,
  parse: (text: string) => T,
  fallback: T,
  meaning: string,
  flag?: string,
): Setting<T> {
  return { variable, parse, fallback, meaning, ...(flag && { flag }) };
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Everything that can be set, with its default. README's table is tested against this one. */
export const SETTINGS = {
  runAddress: setting<Address>(
    'RUN_ADDRESS',
    address,
    { host: 'localhost', port: 8080 },
    'host and port to listen on',
    'a',
  ),
  databaseUri: setting<string | undefined>(
    'DATABASE_URI',
    postgresUri,
    undefined,
    'PostgreSQL; absent: an embedded one starts',
    'd',
  ),
  accrualAddress: setting<string | undefined>(
    'ACCRUAL_SYSTEM_ADDRESS',
    httpUrl,
    undefined,
    'base URL of the accrual system; absent: the bundled simulator starts',
    'r',
  ),
  jwtSecret: setting<string | undefined>(
    'JWT_SECRET',
    secret,
    undefined,
    'signing key of the tokens; absent: made once and kept',
  ),
  tokenTtlSeconds: setting(
    'TOKEN_TTL_SECONDS',
    wholeNumber(60, 31_536_000),
    86_400,
    'how long a log-in lasts',
  ),
  secureCookie: setting('SECURE_COOKIE', yesOrNo, false, 'send the cookie over HTTPS only'),
  trustProxy: setting(
    'TRUST_PROXY',
    yesOrNo,
    false,
    'take the client’s address from X-Forwarded-For',
  ),
  rateLimitPerSecond: setting(
    'RATE_LIMIT_RPS',
    wholeNumber(0, 1_000_000),
    0,
    'requests per second per user or address, 0: no limit',
  ),
  loginAttemptsPerMinute: setting(
    'LOGIN_RATE_LIMIT',
    wholeNumber(0, 1_000_000),
    10,
    'failed log-ins per minute per login and address, 0: no limit',
  ),
  hashConcurrency: setting(
    'HASH_CONCURRENCY',
    wholeNumber(1, 64),
    // libuv has 4 threads, which gzip and DNS share: one is left to them.
    Math.min(3, Math.max(1, availableParallelism() - 1)),
    'password hashes computed at once; default: cores − 1, at most 3',
  ),
  hashQueue: setting(
    'HASH_QUEUE',
    wholeNumber(0, 10_000),
    200,
    'password hashes waiting; one more gets 429',
  ),
  bodyLimit: setting(
    'BODY_LIMIT',
    wholeNumber(2048, 1_048_576),
    65_536,
    'bytes of a request body, packed and unpacked',
  ),
  databasePool: setting('DATABASE_POOL', wholeNumber(3, 200), 10, 'connections to PostgreSQL'),
  dataFolder: setting(
    'DATA_FOLDER',
    (text) => text,
    'data',
    'where the embedded PostgreSQL and the signing key are kept',
  ),
  stopDelayMs: setting(
    'STOP_DELAY_MS',
    wholeNumber(0, 5_000),
    300,
    'unready but still serving, for load balancers, before a stop',
  ),
  cashbackEnabled: setting(
    'CASHBACK_ENABLED',
    yesOrNo,
    true,
    'whether this replica asks the accrual system',
  ),
  cashbackTickMs: setting(
    'CASHBACK_TICK_MS',
    wholeNumber(10, 60_000),
    250,
    'how often due tasks are looked for',
  ),
  cashbackConcurrency: setting(
    'CASHBACK_CONCURRENCY',
    wholeNumber(1, 1_000),
    64,
    'orders asked about at once',
  ),
  cashbackTimeoutMs: setting(
    'CASHBACK_TIMEOUT_MS',
    wholeNumber(100, MINUTE),
    5_000,
    'for a whole reply of the accrual system',
  ),
  cashbackLeaseMs: setting(
    'CASHBACK_LEASE_MS',
    wholeNumber(500, HOUR),
    30_000,
    'a worker silent for so long loses its tasks',
  ),
  cashbackMaxTries: setting(
    'CASHBACK_MAX_TRIES',
    wholeNumber(1, 1_000),
    10,
    'faults of one order before it is parked as FAILED',
  ),
  cashbackSpacingMinMs: setting(
    'CASHBACK_SPACING_MIN_MS',
    wholeNumber(10, HOUR),
    250,
    'shortest wait between two questions for an order',
  ),
  cashbackSpacingMaxMs: setting(
    'CASHBACK_SPACING_MAX_MS',
    wholeNumber(10, 24 * HOUR),
    10 * MINUTE,
    'longest wait between two questions',
  ),
  reconcileIntervalMs: setting(
    'RECONCILE_INTERVAL_MS',
    orZero(wholeNumber(1_000, 24 * HOUR)),
    HOUR,
    'between two reconciliations of the books, 0: none',
  ),
  logLevel: setting(
    'LOG_LEVEL',
    oneOf('silent', 'fatal', 'error', 'warn', 'info', 'debug'),
    'info',
    'what is logged; debug: every request',
  ),
  environment: setting<string>(
    'NODE_ENV',
    (text) => text,
    'development',
    'production: JWT_SECRET is required',
  ),
};

type Fallback<S> = S extends Setting<infer T> ? T : never;

/** The settings of this process, read once at the start. */
export type Config = {
  readonly [Name in keyof typeof SETTINGS]: Fallback<(typeof SETTINGS)[Name]>;
};
