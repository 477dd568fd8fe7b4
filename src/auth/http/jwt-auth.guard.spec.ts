import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ExecutionContext } from '@nestjs/common';
import { AccessTokens } from '../application/access-tokens.js';
import { KnownUsers } from '../application/known-users.js';
import { NotAuthenticated } from '../domain/errors.js';
import { JwtAuthGuard } from './jwt-auth.guard.js';
import { JwtStrategy } from './jwt.strategy.js';
import type { TokenCarrier } from './request-token.js';

class Tokens extends AccessTokens {
  issue(): string {
    throw new Error('nobody signs in here');
  }

  verify(token: string): string | undefined {
    return /^good-(.*)$/.exec(token)?.[1];
  }
}

class Users extends KnownUsers {
  away = false;
  readonly asked: string[] = [];

  has(userId: string): Promise<boolean> {
    this.asked.push(userId);
    return this.away ? Promise.reject(new Error('the database is away')) : Promise.resolve(userId !== 'ghost');
  }
}

function bearer(token: string): TokenCarrier & { user?: unknown } {
  return { headers: { authorization: `Bearer ${token}` }, cookies: {} };
}

describe(JwtAuthGuard.name, () => {
  const guard = new JwtAuthGuard();
  let users: Users;

  beforeEach(() => {
    users = new Users();
    new JwtStrategy(new Tokens(), users);
  });

  const enter = (request: TokenCarrier): Promise<boolean> => {
    const http = { getRequest: () => request, getResponse: () => ({}) };
    return guard.canActivate({ switchToHttp: () => http } as unknown as ExecutionContext) as Promise<boolean>;
  };

  it('lets the user of a good token in', async () => {
    const request = bearer('good-gopher');
    await expect(enter(request)).resolves.toBe(true);
    expect(request.user).toEqual({ userId: 'gopher' });
  });

  it('does not mix up requests that wait at once', async () => {
    const requests = ['a', 'b', 'c'].map((id) => bearer(`good-${id}`));
    await Promise.all([...requests.map(enter), expect(enter(bearer('good-ghost'))).rejects.toThrow(NotAuthenticated)]);
    expect(requests.map(({ user }) => user)).toEqual([{ userId: 'a' }, { userId: 'b' }, { userId: 'c' }]);
  });

  it('refuses a request without a token, or with a bad one, without asking for the user', async () => {
    await expect(enter({ headers: {}, cookies: {} })).rejects.toThrow(NotAuthenticated);
    await expect(enter(bearer('bad'))).rejects.toThrow(NotAuthenticated);
    expect(users.asked).toEqual([]);
  });

  it('refuses a good token of a user who is gone, every time', async () => {
    await expect(enter(bearer('good-ghost'))).rejects.toThrow(NotAuthenticated);
    await expect(enter(bearer('good-ghost'))).rejects.toThrow(NotAuthenticated);
    expect(users.asked).toEqual(['ghost', 'ghost']);
  });

  it('does not call a database that is away a bad token', async () => {
    users.away = true;
    await expect(enter(bearer('good-gopher'))).rejects.toThrow('the database is away');
  });
});
