import { Login } from './credentials.js';

/** A user signed up; published inside the transaction that stores them. */
export class UserRegistered {
  constructor(readonly userId: string) {}
}

/**
 * A user may spend no more points; published inside the transaction that blocks or forgets them,
 * before their row is locked: accounts are locked first.
 */
export class SpendingBlocked {
  constructor(readonly userId: string) {}
}

/** A user may spend points again; otherwise as {@link SpendingBlocked}. */
export class SpendingUnblocked {
  constructor(readonly userId: string) {}
}

export interface UserState {
  readonly id: string;
  readonly login: string;
  readonly passwordHash: string;
  /** Rises whenever all sessions of the user end at once. */
  readonly generation: number;
  readonly isBlocked: boolean;
}

/** Someone who signed up. */
export class User {
  private constructor(
    /** A UUID of version 7. */
    readonly id: string,
    private readonly login: Login,
    /** In PHC string format, parameters and salt included. */
    readonly passwordHash: string,
    /** Of the sessions that begin now. */
    readonly generation: number,
    /** An operator lets them neither sign in nor spend points. */
    readonly isBlocked: boolean,
  ) {}

  static register(id: string, login: Login, passwordHash: string): User {
    return new User(id, login, passwordHash, 0, false);
  }

  static restore({ id, login, passwordHash, generation, isBlocked }: UserState): User {
    return new User(id, Login.restore(login), passwordHash, generation, isBlocked);
  }

  snapshot(): UserState {
    const { id, passwordHash, generation, isBlocked } = this;
    return { id, login: this.login.value, passwordHash, generation, isBlocked };
  }
}
