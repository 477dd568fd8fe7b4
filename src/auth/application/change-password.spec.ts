import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeUnitOfWork, WAITING } from '../../../test/support/fakes/fake-unit-of-work.js';
import {
  InMemoryAccess,
  InMemoryUsers,
  PlainHasher,
} from '../../../test/support/users/in-memory-users.js';
import { UserMissing } from '../../kernel/domain/domain-error.js';
import type { AuthSettings } from '../auth.settings.js';
import { type Login, PasswordUnacceptable } from '../domain/credentials.js';
import { WrongCredentials } from '../domain/errors.js';
import type { SignedIn } from '../domain/session.js';
import { ChangePassword } from './change-password.js';
import { LoginAttempts } from './ports.js';

class Attempts extends LoginAttempts {
  readonly made: string[] = [];
  failed = 0;

  async make<T>(login: Login, address: string, attempt: () => Promise<T>): Promise<T> {
    this.made.push(`${login.value} from ${address}`);
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof WrongCredentials) this.failed++;
      throw error;
    }
  }
}

describe(ChangePassword.name, () => {
  let users: InMemoryUsers;
  let hasher: PlainHasher;
  let attempts: Attempts;
  let changePassword: ChangePassword;

  beforeEach(() => {
    users = new InMemoryUsers();
    users.put('ann', { generation: 4 });
    hasher = new PlainHasher();
    attempts = new Attempts();
    changePassword = new ChangePassword(
      users,
      new InMemoryAccess(users),
      hasher,
      attempts,
      new FakeUnitOfWork(),
      { passwordMinLength: 3 } as unknown as AuthSettings,
    );
  });

  const change = (current: string, next: string, generation = 4): Promise<SignedIn> =>
    changePassword.execute({ userId: 'ann', generation }, { current, new: next }, WAITING);
  const hash = (): string | undefined => users.states.get('ann')?.passwordHash;

  it('stores the new password, and ends all sessions', async () => {
    await expect(change('secret', 'another')).resolves.toEqual({ userId: 'ann', generation: 104 });
    expect(hash()).toBe('hash of another');
  });

  it('refuses a wrong current one, which counts as a failed log-in', async () => {
    await expect(change('Secret', 'another')).rejects.toThrow(WrongCredentials);
    expect([attempts.made, attempts.failed]).toEqual([['ann from 192.0.2.1'], 1]);
    expect(hash()).toBe('hash of secret');
  });

  it.each([
    ['secret', ''],
    ['secret', 'pp'],
    ['secret', 'pи\u0306'],
    ['', 'another'],
  ])('refuses to make of %j %j before any work', async (current, next) => {
    await expect(change(current, next)).rejects.toThrow(PasswordUnacceptable);
    expect(hasher.verified).toEqual([]);
  });

  it('lets a current password be as short as it is', async () => {
    users.put('ann', { generation: 4, passwordHash: 'hash of p' });
    await expect(change('p', 'another')).resolves.toMatchObject({ generation: 104 });
  });

  it('finds what the same call has changed before', async () => {
    await change('secret', 'another');
    await expect(change('secret', 'another')).resolves.toEqual({ userId: 'ann', generation: 104 });
    expect(hash()).toBe('hash of another');
  });

  it('takes no other call of a session that has ended for that one', async () => {
    await change('secret', 'another');
    await expect(change('secret', 'a third')).rejects.toThrow(UserMissing);
    await expect(change('secret', 'secret', 105)).rejects.toThrow(UserMissing);
    expect([attempts.made.length, attempts.failed]).toEqual([2, 1]);
    expect(hash()).toBe('hash of another');
  });

  it('refuses a session that an operator has just ended, and counts no failure', async () => {
    users.put('ann', { generation: 5 });
    await expect(change('secret', 'another')).rejects.toThrow(UserMissing);
    expect([attempts.made.length, attempts.failed]).toEqual([1, 0]);
    expect(hash()).toBe('hash of secret');
  });

  it('refuses a session that ends while the password is hashed', async () => {
    hasher.meanwhile = () => users.put('ann', { generation: 5 });
    await expect(change('secret', 'another')).rejects.toThrow(UserMissing);
    expect(hash()).toBe('hash of secret');
  });

  it.each([
    ['is blocked', (): void => users.put('ann', { generation: 4, isBlocked: true })],
    ['is gone', (): void => users.states.clear()],
  ])('refuses somebody who %s', async (_, happen) => {
    happen();
    await expect(change('secret', 'another')).rejects.toThrow(UserMissing);
    expect(hasher.verified).toEqual([]);
  });
});
