import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ExecutionContext } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { SystemClock } from '../../platform/system.js';
import type { AuthSettings } from '../auth.settings.js';
import { NotAuthenticated } from '../domain/errors.js';
import { JwtAccessTokens } from '../infrastructure/jwt-access-tokens.js';
import { JwtAuthGuard } from './jwt-auth.guard.js';
import { JwtStrategy } from './jwt.strategy.js';
import type { TokenCarrier } from './request-token.js';

const settings = (tokenTtlSeconds: number): AuthSettings =>
  ({ jwtSecret: 'sixteen bytes or more', tokenTtlSeconds }) as AuthSettings;
const tokens = new JwtAccessTokens(settings(60), new SystemClock());
const ids = { gopher: uuid(), a: uuid(), b: uuid(), c: uuid() };

function bearer(token: string): TokenCarrier & { user?: unknown } {
  return { headers: { authorization: `Bearer ${token}` } };
}

function of(name: keyof typeof ids): TokenCarrier & { user?: unknown } {
  return bearer(tokens.issue(ids[name]));
}

describe(JwtAuthGuard.name, () => {
  let guard: JwtAuthGuard;

  beforeEach(() => {
    new JwtStrategy(settings(60), tokens);
    guard = new JwtAuthGuard(tokens);
  });

  const enter = async (request: TokenCarrier): Promise<boolean> => {
    const http = { getRequest: () => request, getResponse: () => ({}) };
    return guard.canActivate({ switchToHttp: () => http } as unknown as ExecutionContext);
  };

  it('lets the user of a good token in', async () => {
    const request = of('gopher');
    await expect(enter(request)).resolves.toBe(true);
    expect(request.user).toEqual({ userId: ids.gopher });
  });

  it('does not mix up requests that wait at once', async () => {
    const requests = (['a', 'b', 'c'] as const).map(of);
    await Promise.all([
      ...requests.map(enter),
      expect(enter(bearer('bad'))).rejects.toThrow(NotAuthenticated),
    ]);
    expect(requests.map(({ user }) => user)).toEqual([
      { userId: ids.a },
      { userId: ids.b },
      { userId: ids.c },
    ]);
  });

  it('refuses a request without a token, or with a bad one', async () => {
    await expect(enter({ headers: {} })).rejects.toThrow(NotAuthenticated);
    await expect(enter(bearer('bad'))).rejects.toThrow(NotAuthenticated);
  });

  it('knows a token again without verifying it, but not past its expiry', async () => {
    const request = of('gopher');
    await enter(request);
    const again = bearer(request.headers.authorization?.slice(7) ?? '');
    await expect(enter(again)).resolves.toBe(true);
    expect(again.user).toEqual({ userId: ids.gopher });
    const expired = new JwtAccessTokens(settings(0), new SystemClock());
    await expect(enter(bearer(expired.issue(ids.gopher)))).rejects.toThrow(NotAuthenticated);
  });
});
