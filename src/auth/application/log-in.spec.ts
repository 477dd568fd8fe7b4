import { beforeEach, describe, expect, it } from '@jest/globals';
import { WAITING } from '../../../test/support/fakes/fake-unit-of-work.js';
import { WrongCredentials } from '../domain/errors.js';
import {
  Login,
  LoginUnacceptable,
  type Password,
  PasswordUnacceptable,
} from '../domain/credentials.js';
import { User } from '../domain/user.js';
import { LogIn } from './log-in.js';
import { LoginAttempts, PasswordHasher, UserRepository } from './ports.js';

const GOPHER = User.register('id 1', Login.parse('Gopher'), 'hash of secret');

class Users extends UserRepository {
  add(): Promise<boolean> {
    throw new Error('nobody registers here');
  }

  byLogin(login: Login): Promise<User | undefined> {
    return Promise.resolve(login.value === 'Gopher' ? GOPHER : undefined);
  }

  notNormalized(): Promise<readonly User[]> {
    throw new Error('nobody asks here');
  }
}

class Hasher extends PasswordHasher {
  readonly verified: (string | undefined)[] = [];

  hash(): Promise<string> {
    throw new Error('nobody hashes here');
  }

  verify(password: Password, hash: string | undefined): Promise<boolean> {
    this.verified.push(hash);
    return Promise.resolve(hash === `hash of ${password.reveal()}`);
  }
}

class Attempts extends LoginAttempts {
  readonly made: string[] = [];

  make<T>(login: Login, address: string, attempt: () => Promise<T>): Promise<T> {
    this.made.push(`${login.value} from ${address}`);
    return attempt();
  }
}

describe(LogIn.name, () => {
  let hasher: Hasher;
  let attempts: Attempts;
  let logIn: LogIn;

  beforeEach(() => {
    hasher = new Hasher();
    attempts = new Attempts();
    logIn = new LogIn(new Users(), hasher, attempts);
  });

  it('signs in with the right pair', async () => {
    await expect(logIn.execute({ login: 'Gopher', password: 'secret' }, WAITING)).resolves.toBe(
      'id 1',
    );
    expect(attempts.made).toEqual(['Gopher from 192.0.2.1']);
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
    expect(hasher.verified).toStrictEqual([undefined]);
    expect(attempts.made).toEqual(['gopher from 192.0.2.1']);
  });

  it.each([
    [{ login: '', password: 'p' }, LoginUnacceptable],
    [{ login: 'gopher', password: 'a\0' }, PasswordUnacceptable],
  ])('refuses %j as malformed, which is no attempt', async (credentials, refusal) => {
    await expect(logIn.execute(credentials, WAITING)).rejects.toThrow(refusal);
    expect(attempts.made).toEqual([]);
  });
});
