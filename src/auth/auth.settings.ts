import { availableParallelism } from 'node:os';
import { secret, Setting, settings, wholeNumber, yesOrNo } from '../platform/settings.js';

/** The most that {@link AuthSettings.tokenTtlSeconds} can be: a year. */
export const LONGEST_TOKEN_TTL_S = 31_536_000;

/** Tokens, limits per user, and the hashing of passwords. */
export abstract class AuthSettings extends settings({
  jwtSecret: new Setting(
    'JWT_SECRET',
    secret,
    undefined,
    'signing key of the tokens; absent: made once and kept',
    { olderName: 'JWT_KEY', fromFile: true, isSecret: true },
  ),
  jwtOldSecret: new Setting<string | undefined, undefined>(
    'JWT_OLD_SECRET',
    secret,
    undefined,
    'key of the time before: its tokens stay good',
    { fromFile: true, isSecret: true },
  ),
  salt: new Setting<string | undefined, undefined>(
    'SALT',
    (text) => text,
    undefined,
    'an older version’s: taken, and not needed',
    { isSecret: true },
  ),
  passwordMinLength: new Setting(
    'PASSWORD_MIN_LENGTH',
    wholeNumber(1, 255),
    1,
    'characters that a new password has at least',
  ),
  tokenTtlSeconds: new Setting(
    'TOKEN_TTL_SECONDS',
    wholeNumber(60, LONGEST_TOKEN_TTL_S),
    86_400,
    'how long a log-in lasts',
  ),
  secureCookie: new Setting('SECURE_COOKIE', yesOrNo, false, 'send the cookie over HTTPS only'),
  rateLimitPerSecond: new Setting(
    'RATE_LIMIT_RPS',
    wholeNumber(0, 1_000_000),
    0,
    'requests per second per user or address, 0: no limit',
  ),
  loginAttemptsPerMinute: new Setting(
    'LOGIN_RATE_LIMIT',
    wholeNumber(0, 1_000_000),
    10,
    'failed log-ins per minute per login and address, 0: no limit',
  ),
  loginAttemptsPerMinutePerAddress: new Setting(
    'LOGIN_RATE_LIMIT_PER_ADDRESS',
    wholeNumber(0, 1_000_000),
    0,
    'failed log-ins per minute per address, whatever the login, 0: no limit',
  ),
  hashConcurrency: new Setting(
    'HASH_CONCURRENCY',
    wholeNumber(1, 64),
    // libuv has 4 threads. gzip and DNS use them too, so one is left to them.
    Math.min(3, Math.max(1, availableParallelism() - 1)),
    'password hashes computed at once; default: cores − 1, but 1 to 3',
  ),
  hashQueue: new Setting(
    'HASH_QUEUE',
    wholeNumber(0, 10_000),
    200,
    'password hashes waiting; one more gets 429',
  ),
}) {}
