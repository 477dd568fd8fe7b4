import { describe, expect, it } from '@jest/globals';
import type { ExecutionContext } from '@nestjs/common';
import { KnownUsers } from '../application/ports/known-users.js';
import { NotAuthenticated } from '../domain/errors.js';
import { KnownUserGuard, ofKnownUser } from './known-user.guard.js';

class Users extends KnownUsers {
  away = false;
  readonly asked: string[] = [];

  has(userId: string): Promise<boolean> {
    this.asked.push(userId);
    return this.away ? Promise.reject(new Error('the database is away')) : Promise.resolve(userId !== 'ghost');
  }
}

describe(KnownUserGuard.name, () => {
  const users = new Users();
  const guard = new KnownUserGuard(users);
  const enter = (userId: string): Promise<boolean> => {
    const http = { getRequest: () => ({ user: { userId } }) };
    return guard.canActivate({ switchToHttp: () => http } as unknown as ExecutionContext);
  };

  it('lets a user in who exists, and refuses one who is gone, and asks every time', async () => {
    await expect(enter('gopher')).resolves.toBe(true);
    await expect(enter('ghost')).rejects.toThrow(NotAuthenticated);
    await expect(enter('ghost')).rejects.toThrow(NotAuthenticated);
    expect(users.asked).toEqual(['gopher', 'ghost', 'ghost']);
  });

  it('does not call a database that is away a bad token', async () => {
    users.away = true;
    await expect(enter('gopher')).rejects.toThrow('the database is away');
  });
});

describe(ofKnownUser.name, () => {
  it('passes on what was read, nothing too, but not that there is no such user', () => {
    expect(ofKnownUser('[]')).toBe('[]');
    expect(ofKnownUser(null)).toBeNull();
    expect(() => ofKnownUser(undefined)).toThrow(NotAuthenticated);
  });
});
