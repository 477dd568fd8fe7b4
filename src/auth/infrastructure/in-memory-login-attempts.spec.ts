import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { FakeClock } from '../../../test/support/fakes/fake-clock.js';
import type { AuthSettings } from '../auth.settings.js';
import { TooManyLoginAttempts, WrongCredentials } from '../domain/errors.js';
import { Login } from '../domain/credentials.js';
import { InMemoryLoginAttempts } from './in-memory-login-attempts.js';

const LOGIN = Login.parse('gopher');
const HOME = '192.0.2.1';

function limitedTo(
  loginAttemptsPerMinute: number,
  clock: FakeClock,
  loginAttemptsPerMinutePerAddress = 0,
): InMemoryLoginAttempts {
  const settings = { loginAttemptsPerMinute, loginAttemptsPerMinutePerAddress, hashConcurrency: 1 };
  return new InMemoryLoginAttempts(settings as unknown as AuthSettings, clock);
}

const logins = (count: number): Login[] =>
  Array.from({ length: count }, (_, i) => Login.parse(`gopher ${i}`));

const right = (): Promise<string> => Promise.resolve('in');
const wrong = (): Promise<never> => Promise.reject(new WrongCredentials());

/** An attempt that ends when told. */
function slow(): {
  readonly attempt: () => Promise<string>;
  readonly succeed: () => void;
  readonly fail: () => void;
} {
  const { promise, resolve, reject } = withResolvers();
  return {
    attempt: () => promise,
    succeed: () => resolve('in'),
    fail: () => reject(new WrongCredentials()),
  };
}

function withResolvers(): {
  promise: Promise<string>;
  resolve: (value: string) => void;
  reject: (error: Error) => void;
} {
  let resolve: (value: string) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<string>((...settle) => ([resolve, reject] = settle));
  return { promise, resolve, reject };
}

describe(InMemoryLoginAttempts.name, () => {
  let clock: FakeClock;
  let attempts: InMemoryLoginAttempts;
  /** What is said to be locked, in order. */
  let logged: unknown[];

  beforeEach(() => {
    clock = new FakeClock();
    attempts = limitedTo(3, clock);
    logged = [];
    const warn = (_: string, locked: unknown): void => void logged.push(locked);
    Logger.overrideLogger({ warn, log: warn, error: warn });
  });

  afterEach(() => void Logger.overrideLogger(false));

  const fail = async (times: number, address = HOME): Promise<void> => {
    for (let i = 0; i < times; i++)
      await expect(attempts.make(LOGIN, address, wrong)).rejects.toThrow(WrongCredentials);
  };

  it('refuses even the right password beyond the limit, for the rest of the minute', async () => {
    await fail(1);
    clock.advance(20_000);
    await fail(2);
    await expect(attempts.make(LOGIN, HOME, right)).rejects.toMatchObject({
      retryAfterSeconds: 40,
    });
    clock.advance(39_500);
    await expect(attempts.make(LOGIN, HOME, right)).rejects.toMatchObject({ retryAfterSeconds: 1 });
    clock.advance(500);
    await expect(attempts.make(LOGIN, HOME, right)).resolves.toBe('in');
  });

  it.each([-40_000, 40_000])(
    'counts the minute as one when the clock is set by %i ms',
    async (ms) => {
      await fail(3);
      clock.ms += ms;
      clock.advance(59_000);
      await expect(attempts.make(LOGIN, HOME, right)).rejects.toMatchObject({
        retryAfterSeconds: 1,
      });
      clock.advance(1_000);
      await expect(attempts.make(LOGIN, HOME, right)).resolves.toBe('in');
    },
  );

  it('starts a new minute with the first failure after the old one', async () => {
    await fail(2);
    clock.advance(61_000);
    await fail(3);
    await expect(attempts.make(LOGIN, HOME, right)).rejects.toMatchObject({
      retryAfterSeconds: 60,
    });
  });

  it('counts each address and each login by itself', async () => {
    await fail(3);
    await expect(attempts.make(LOGIN, '192.0.2.2', right)).resolves.toBe('in');
    await expect(attempts.make(Login.parse('Gopher'), HOME, right)).resolves.toBe('in');
  });

  it('neither counts a success nor lets it wipe out failures', async () => {
    await fail(2);
    for (let i = 0; i < 10; i++)
      await expect(attempts.make(LOGIN, HOME, right)).resolves.toBe('in');
    await fail(1);
    await expect(attempts.make(LOGIN, HOME, right)).rejects.toThrow(TooManyLoginAttempts);
  });

  it('does not count a failure of ours', async () => {
    const away = (): Promise<never> => Promise.reject(new Error('the database is away'));
    for (let i = 0; i < 10; i++)
      await expect(attempts.make(LOGIN, HOME, away)).rejects.toThrow('away');
    await expect(attempts.make(LOGIN, HOME, right)).resolves.toBe('in');
  });

  it('lets no more guesses through when they come all at once', async () => {
    let guesses = 0;
    const guess = (): Promise<never> => {
      guesses++;
      return wrong();
    };
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, () => attempts.make(LOGIN, HOME, guess)),
    );
    const reasons = results.map((result) =>
      result.status === 'rejected' ? (result.reason as Error).name : 'in',
    );
    expect(guesses).toBe(3);
    expect(reasons.filter((name) => name === 'TooManyLoginAttempts')).toHaveLength(47);
  });

  it('lets everyone in who knows the password, all at once', async () => {
    await expect(
      Promise.all(Array.from({ length: 50 }, () => attempts.make(LOGIN, HOME, right))),
    ).resolves.toHaveLength(50);
  });

  it('has the next one wait for the place of an attempt under way', async () => {
    const [first, second, third] = [slow(), slow(), slow()];
    const underWay = [first, second, third].map(({ attempt }) =>
      attempts.make(LOGIN, HOME, attempt),
    );
    const waiting = attempts.make(LOGIN, HOME, right);
    first.fail();
    second.fail();
    third.succeed();
    await expect(waiting).resolves.toBe('in');
    expect((await Promise.allSettled(underWay)).map(({ status }) => status)).toEqual([
      'rejected',
      'rejected',
      'fulfilled',
    ]);
  });

  it('keeps no more than a hundred waiting for one pair', async () => {
    const hanging = slow();
    const open = Array.from({ length: 103 }, () => attempts.make(LOGIN, HOME, hanging.attempt));
    await expect(attempts.make(LOGIN, HOME, right)).rejects.toMatchObject({ retryAfterSeconds: 1 });
    hanging.succeed();
    await expect(Promise.all(open)).resolves.toHaveLength(103);
  });

  it('is not made to forget by a crowd of attempts that do not fail', async () => {
    await fail(3);
    const hanging = slow();
    const crowd = logins(5_001).map((login) => attempts.make(login, HOME, hanging.attempt));
    await expect(attempts.make(LOGIN, HOME, right)).rejects.toThrow(TooManyLoginAttempts);
    hanging.succeed();
    await Promise.all(crowd);
    await expect(attempts.make(LOGIN, HOME, right)).rejects.toThrow(TooManyLoginAttempts);
  });

  describe('of one address over all logins', () => {
    const all = <T>(list: readonly Login[], attempt: () => Promise<T>, address = HOME) =>
      Promise.allSettled(list.map((login) => attempts.make(login, address, attempt)));
    const refusals = (results: readonly PromiseSettledResult<unknown>[]): number =>
      results.filter(
        (each) => each.status === 'rejected' && each.reason instanceof TooManyLoginAttempts,
      ).length;

    it.each([0, 3])('refuses beyond the limit, beside a limit of pairs of %d', async (pairs) => {
      attempts = limitedTo(pairs, clock, 5);
      for (const login of logins(5))
        await expect(attempts.make(login, HOME, wrong)).rejects.toThrow(WrongCredentials);
      clock.advance(20_000);
      await expect(attempts.make(LOGIN, HOME, right)).rejects.toMatchObject({
        retryAfterSeconds: 40,
      });
      await expect(attempts.make(LOGIN, '192.0.2.2', right)).resolves.toBe('in');
      clock.advance(40_000);
      await expect(attempts.make(LOGIN, HOME, right)).resolves.toBe('in');
    });

    it('lets no more guesses through when they come all at once', async () => {
      attempts = limitedTo(3, clock, 5);
      expect(refusals(await all(logins(50), wrong))).toBe(45);
    });

    it('lets everyone in who knows a password, all at once', async () => {
      attempts = limitedTo(3, clock, 5);
      const results = await all([...logins(50), ...logins(50)], right);
      expect(results.every(({ status }) => status === 'fulfilled')).toBe(true);
    });

    it('counts an attempt that the address refused neither for the pair nor twice', async () => {
      attempts = limitedTo(3, clock, 5);
      await all(logins(5), wrong);
      for (let i = 0; i < 10; i++)
        await expect(attempts.make(LOGIN, HOME, wrong)).rejects.toThrow(TooManyLoginAttempts);
      clock.advance(60_000);
      await fail(3);
    });
  });

  it('limits nothing at 0', async () => {
    attempts = limitedTo(0, clock);
    await fail(100);
    expect(logged).toEqual([]);
  });

  it('tells operators once a minute what is locked', async () => {
    attempts = limitedTo(3, clock, 5);
    await fail(3);
    await expect(attempts.make(LOGIN, HOME, wrong)).rejects.toThrow(TooManyLoginAttempts);
    expect(logged).toEqual([{ address: HOME, login: 'gopher' }]);
    for (const login of logins(5)) await attempts.make(login, HOME, wrong).catch(() => undefined);
    expect(logged.slice(1)).toEqual([{ address: HOME }]);
    clock.advance(60_000);
    await fail(3);
    expect(logged).toHaveLength(3);
  });
});
