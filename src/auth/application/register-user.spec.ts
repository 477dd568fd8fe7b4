import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeUnitOfWork, WAITING } from '../../../test/support/fakes/fake-unit-of-work.js';
import { DomainEvents } from '../../kernel/application/domain-events.js';
import type { Deferred, Transaction } from '../../kernel/application/unit-of-work.js';
import type { AuthSettings } from '../auth.settings.js';
import { LoginTaken } from '../domain/errors.js';
import {
  Login,
  LoginUnacceptable,
  type Password,
  PasswordUnacceptable,
} from '../domain/credentials.js';
import { User, UserRegistered } from '../domain/user.js';
import { PasswordHasher, UserRepository } from './ports.js';
import { RegisterUser } from './register-user.js';

class Users extends UserRepository {
  readonly stored = new Map<string, User>();

  add(_: Transaction, user: User): Promise<boolean> {
    const { login } = user.snapshot();
    const isFree = !this.stored.has(login);
    if (isFree) this.stored.set(login, user);
    return Promise.resolve(isFree);
  }

  byLogin(login: Login): Promise<User | undefined> {
    return Promise.resolve(this.stored.get(login.value));
  }

  byId(): Promise<User | undefined> {
    throw new Error('nobody is signed in here');
  }

  notNormalized(): Promise<readonly User[]> {
    throw new Error('nobody asks here');
  }
}

class Hasher extends PasswordHasher {
  hashed = 0;
  /** What happens elsewhere while this process hashes. */
  meanwhile = (): void => undefined;

  hash(password: Password): Promise<string> {
    this.hashed++;
    this.meanwhile();
    return Promise.resolve(`hash of ${password.reveal()}`);
  }

  verify(): Promise<boolean> {
    throw new Error('nobody verifies here');
  }

  invent(): string {
    throw new Error('nobody forgets a password here');
  }
}

class Transactions extends FakeUnitOfWork {
  /** Commits whose answer is lost: the work is run again. */
  lostCommits = 0;

  override async run<T>(work: (transaction: Transaction) => Promise<T | Deferred<T>>): Promise<T> {
    while (this.lostCommits-- > 0) await super.run(work);
    return super.run(work);
  }
}

describe(RegisterUser.name, () => {
  let users: Users;
  let hasher: Hasher;
  let transactions: Transactions;
  let published: { userId: string; inTransaction: boolean }[];
  let registerUser: RegisterUser;

  beforeEach(() => {
    users = new Users();
    hasher = new Hasher();
    transactions = new Transactions();
    published = [];
    const events = new DomainEvents();
    events.subscribe(UserRegistered, (list, transaction) => {
      published.push(
        ...list.map(({ userId }) => ({ userId, inTransaction: transaction === transactions.open })),
      );
      return Promise.resolve();
    });
    registerUser = new RegisterUser(users, hasher, transactions, events, {
      passwordMinLength: 3,
    } as unknown as AuthSettings);
  });

  it('stores the user, and tells the others in the same transaction', async () => {
    await expect(
      registerUser.execute('id 1', { login: 'Gopher', password: ' p ' }, WAITING),
    ).resolves.toEqual({ userId: 'id 1', generation: 0 });
    expect(users.stored.get('Gopher')?.snapshot()).toEqual({
      id: 'id 1',
      login: 'Gopher',
      passwordHash: 'hash of  p ',
      generation: 0,
      isBlocked: false,
    });
    expect(published).toEqual([{ userId: 'id 1', inTransaction: true }]);
  });

  it('does not hash for a login that is taken', async () => {
    await registerUser.execute('id 1', { login: 'gopher', password: 'first' }, WAITING);
    await expect(
      registerUser.execute('id 2', { login: 'gopher', password: 'second' }, WAITING),
    ).rejects.toThrow(LoginTaken);
    expect(hasher.hashed).toBe(1);
    expect(published).toHaveLength(1);
  });

  it('finds the user whom the same call has registered before', async () => {
    const again = { login: 'gopher', password: 'p p' };
    await registerUser.execute('id 1', again, WAITING);
    await expect(registerUser.execute('id 1', again, WAITING)).resolves.toEqual({
      userId: 'id 1',
      generation: 0,
    });
    expect(hasher.hashed).toBe(1);
    expect(published).toHaveLength(1);
  });

  it('loses to whoever took the login while the password was hashed', async () => {
    const winner = User.register('the winner', Login.parse('gopher'), 'another hash');
    hasher.meanwhile = () => void users.stored.set('gopher', winner);
    await expect(
      registerUser.execute('id 1', { login: 'gopher', password: 'p p' }, WAITING),
    ).rejects.toThrow(LoginTaken);
    expect(users.stored.get('gopher')).toBe(winner);
    expect(published).toEqual([]);
  });

  it('recognises its own earlier try after a connection lost at COMMIT', async () => {
    transactions.lostCommits = 1;
    await expect(
      registerUser.execute('id 1', { login: 'gopher', password: 'p p' }, WAITING),
    ).resolves.toEqual({ userId: 'id 1', generation: 0 });
    expect(published).toHaveLength(1);
  });

  it.each([
    [{ login: ' ', password: 'p p' }, LoginUnacceptable],
    [{ login: 'gopher', password: '' }, PasswordUnacceptable],
    [{ login: 'gopher', password: 'pp' }, PasswordUnacceptable],
    [{ login: 'gopher', password: 'pи\u0306' }, PasswordUnacceptable],
  ])('refuses %j before any work', async (credentials, refusal) => {
    await expect(registerUser.execute('id 1', credentials, WAITING)).rejects.toThrow(refusal);
    expect(hasher.hashed).toBe(0);
  });
});
