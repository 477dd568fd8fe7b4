import { beforeEach, describe, expect, it } from '@jest/globals';
import { WAITING } from '../../../test/support/fakes/fake-unit-of-work.js';
import { InMemoryUsers, PlainHasher } from '../../../test/support/users/in-memory-users.js';
import { WrongCredentials } from '../domain/errors.js';
import { type Login, LoginUnacceptable, PasswordUnacceptable } from '../domain/credentials.js';
import { LogIn } from './log-in.js';
import { LoginAttempts } from './ports.js';

class Attempts extends LoginAttempts {
  readonly made: string[] = [];

  make<T>(login: Login, address: string, attempt: () => Promise<T>): Promise<T> {
    this.made.push(`${login.value} from ${address}`);
    return attempt();
  }
}

describe(LogIn.name, () => {
  let users: InMemoryUsers;
  let hasher: PlainHasher;
  let attempts: Attempts;
  let logIn: LogIn;

  beforeEach(() => {
    users = new InMemoryUsers();
    users.put('id 1', { login: 'Gopher', generation: 3 });
    hasher = new PlainHasher();
    attempts = new Attempts();
    logIn = new LogIn(users, hasher, attempts);
  });

  it('signs in with the right pair', async () => {
    await expect(logIn.execute({ login: 'Gopher', password: 'secret' }, WAITING)).resolves.toEqual({
      userId: 'id 1',
      generation: 3,
    });
    expect(attempts.made).toEqual(['Gopher from 192.0.2.1']);
  });

  it('begins a session of the generation that went with the password', async () => {
    hasher.meanwhile = () => users.put('id 1', { login: 'Gopher', generation: 4 });
    await expect(
      logIn.execute({ login: 'Gopher', password: 'secret' }, WAITING),
    ).resolves.toMatchObject({ generation: 3 });
  });

  it.each(['Secret', ' secret', 'secret '])('refuses the password %j', async (password) => {
    await expect(logIn.execute({ login: 'Gopher', password }, WAITING)).rejects.toThrow(
      WrongCredentials,
    );
  });

  it('takes the same trouble and gives the same answer for an unknown login', async () => {
    await expect(logIn.execute({ login: 'gopher', password: 'secret' }, WAITING)).rejects.toThrow(
      WrongCredentials,
    );
    expect(hasher.verified).toStrictEqual(['secret']);
    expect(attempts.made).toEqual(['gopher from 192.0.2.1']);
  });

  it('does the same for somebody who is blocked', async () => {
    users.put('id 1', { login: 'Gopher', isBlocked: true });
    await expect(logIn.execute({ login: 'Gopher', password: 'secret' }, WAITING)).rejects.toThrow(
      WrongCredentials,
    );
    expect(hasher.verified).toStrictEqual(['secret']);
    expect(attempts.made).toEqual(['Gopher from 192.0.2.1']);
  });

  it.each([
    [{ login: '', password: 'p' }, LoginUnacceptable],
    [{ login: 'gopher', password: 'a\0' }, PasswordUnacceptable],
  ])('refuses %j as malformed, which is no attempt', async (credentials, refusal) => {
    await expect(logIn.execute(credentials, WAITING)).rejects.toThrow(refusal);
    expect(attempts.made).toEqual([]);
  });
});
