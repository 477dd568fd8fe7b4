import {
  type NewPassword,
  PasswordHasher,
  UserAccess,
  UserRepository,
} from '../../../src/auth/application/ports.js';
import type { Login, Password } from '../../../src/auth/domain/credentials.js';
import { User, type UserState } from '../../../src/auth/domain/user.js';
import type { Transaction } from '../../../src/kernel/application/unit-of-work.js';

/** Users in memory, as who signs in finds them. */
export class InMemoryUsers extends UserRepository {
  readonly states = new Map<string, UserState>();

  /** Somebody whose password is `secret`. */
  put(id: string, changes: Partial<UserState> = {}): void {
    const state = { id, login: id, passwordHash: 'hash of secret', generation: 0 };
    this.states.set(id, { ...state, isBlocked: false, ...changes });
  }

  add(_: Transaction, user: User): Promise<boolean> {
    const state = user.snapshot();
    const isFree = this.#find(({ login }) => login === state.login) === undefined;
    if (isFree) this.states.set(state.id, state);
    return Promise.resolve(isFree);
  }

  byLogin(login: Login): Promise<User | undefined> {
    return Promise.resolve(this.#find((user) => user.login === login.value));
  }

  byId(id: string): Promise<User | undefined> {
    return Promise.resolve(this.#find((user) => user.id === id));
  }

  notNormalized(): Promise<readonly User[]> {
    throw new Error('nobody asks here');
  }

  #find(condition: (state: UserState) => boolean): User | undefined {
    const state = [...this.states.values()].find(condition);
    return state && User.restore(state);
  }
}

/** What the database makes of a generation that is raised; not the next one. */
export const raised = (generation: number): number => generation + 100;

/** What changes their access; by the rules of the SQL that does. */
export class InMemoryAccess extends UserAccess {
  readonly reasons: string[] = [];

  constructor(private readonly users: InMemoryUsers) {
    super();
  }

  changePassword(_: Transaction, { userId, hash, generation }: NewPassword) {
    const user = this.users.states.get(userId);
    if (user?.passwordHash === hash)
      return Promise.resolve({ generation: user.generation, isNew: false });
    const mayChange =
      generation === undefined || (user?.generation === generation && !user.isBlocked);
    if (!user || !mayChange) return Promise.resolve(undefined);
    const next = raised(user.generation);
    this.users.put(userId, { ...user, passwordHash: hash, generation: next });
    return Promise.resolve({ generation: next, isNew: true });
  }

  endSessions(_: Transaction, userId: string, ended: number): Promise<boolean> {
    return this.#change(userId, ({ generation }) =>
      generation === ended ? { generation: raised(generation) } : undefined,
    );
  }

  endSessionsAfter(): Promise<string | undefined> {
    throw new Error('nobody asks here');
  }

  block(_: Transaction, userId: string, reason: string): Promise<boolean> {
    this.reasons.push(reason);
    return this.#change(userId, ({ isBlocked, generation }) =>
      isBlocked ? undefined : { isBlocked: true, generation: raised(generation) },
    );
  }

  unblock(_: Transaction, userId: string): Promise<boolean> {
    return this.#change(userId, ({ isBlocked }) => (isBlocked ? { isBlocked: false } : undefined));
  }

  forget(_: Transaction, userId: string): Promise<boolean> {
    return Promise.resolve(this.users.states.delete(userId));
  }

  #change(
    userId: string,
    changesOf: (state: UserState) => Partial<UserState> | undefined,
  ): Promise<boolean> {
    const state = this.users.states.get(userId);
    const changes = state && changesOf(state);
    if (changes) this.users.put(userId, { ...state, ...changes });
    return Promise.resolve(changes !== undefined);
  }
}

/** Hashes that can be read. */
export class PlainHasher extends PasswordHasher {
  /** What happens elsewhere while this process hashes or verifies. */
  meanwhile = (): void => undefined;
  readonly verified: string[] = [];

  hash(password: Password): Promise<string> {
    this.meanwhile();
    return Promise.resolve(`hash of ${password.reveal()}`);
  }

  verify(password: Password, hash: string | undefined): Promise<boolean> {
    this.meanwhile();
    this.verified.push(password.reveal());
    return Promise.resolve(hash === `hash of ${password.reveal()}`);
  }

  invent(minLength: number): string {
    return 'x'.repeat(minLength);
  }
}
