import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ExecutionContext } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { SystemClock } from '../../shared/infrastructure/system-clock.js';
import type { AuthSettings } from '../application/ports/auth-settings.js';
import { KnownUsers } from '../application/ports/known-users.js';
import { NotAuthenticated } from '../domain/errors.js';
import { JwtAccessTokens } from '../infrastructure/jwt-access-tokens.js';
import { JwtAuthGuard } from './jwt-auth.guard.js';
import { JwtStrategy } from './jwt.strategy.js';
import type { TokenCarrier } from './request-token.js';

const settings = (tokenTtlSeconds: number): AuthSettings =>
  ({ jwtSecret: 'sixteen bytes or more', tokenTtlSeconds }) as AuthSettings;
const tokens = new JwtAccessTokens(settings(60), new SystemClock());
const ids = { gopher: uuid(), ghost: uuid(), a: uuid(), b: uuid(), c: uuid() };

class Users extends KnownUsers {
  away = false;
  readonly asked: string[] = [];

  has(userId: string): Promise<boolean> {
    this.asked.push(userId);
    return this.away ? Promise.reject(new Error('the database is away')) : Promise.resolve(userId !== ids.ghost);
  }
}

function bearer(token: string): TokenCarrier & { user?: unknown } {
  return { headers: { authorization: `Bearer ${token}` }, cookies: {} };
}

function of(name: keyof typeof ids): TokenCarrier & { user?: unknown } {
  return bearer(tokens.issue(ids[name]));
}

describe(JwtAuthGuard.name, () => {
  const guard = new JwtAuthGuard();
  let users: Users;

  beforeEach(() => {
    users = new Users();
    new JwtStrategy(settings(60), tokens, users);
  });

  const enter = (request: TokenCarrier): Promise<boolean> => {
    const http = { getRequest: () => request, getResponse: () => ({}) };
    return guard.canActivate({ switchToHttp: () => http } as unknown as ExecutionContext) as Promise<boolean>;
  };

  it('lets the user of a good token in', async () => {
    const request = of('gopher');
    await expect(enter(request)).resolves.toBe(true);
    expect(request.user).toEqual({ userId: ids.gopher });
  });

  it('does not mix up requests that wait at once', async () => {
    const requests = (['a', 'b', 'c'] as const).map(of);
    await Promise.all([...requests.map(enter), expect(enter(of('ghost'))).rejects.toThrow(NotAuthenticated)]);
    expect(requests.map(({ user }) => user)).toEqual([{ userId: ids.a }, { userId: ids.b }, { userId: ids.c }]);
  });

  it('refuses a request without a token, or with a bad one, without asking for the user', async () => {
    await expect(enter({ headers: {}, cookies: {} })).rejects.toThrow(NotAuthenticated);
    await expect(enter(bearer('bad'))).rejects.toThrow(NotAuthenticated);
    expect(users.asked).toEqual([]);
  });

  it('refuses a good token of a user who is gone, every time', async () => {
    const request = of('ghost');
    await expect(enter(request)).rejects.toThrow(NotAuthenticated);
    await expect(enter(request)).rejects.toThrow(NotAuthenticated);
    expect(users.asked).toEqual([ids.ghost, ids.ghost]);
  });

  it('knows a token again without verifying it, but not past its expiry', async () => {
    const request = of('gopher');
    await enter(request);
    await expect(enter(request)).resolves.toBe(true);
    expect(users.asked).toEqual([ids.gopher, ids.gopher]);
    const expired = new JwtAccessTokens(settings(0), new SystemClock());
    await expect(enter(bearer(expired.issue(ids.gopher)))).rejects.toThrow(NotAuthenticated);
  });

  it('does not call a database that is away a bad token', async () => {
    users.away = true;
    await expect(enter(of('gopher'))).rejects.toThrow('the database is away');
  });
});
