import { Login } from './credentials.js';

/** A user signed up; published inside the transaction that stores them. */
export class UserRegistered {
  constructor(readonly userId: string) {}
}

export interface UserState {
  readonly id: string;
  readonly login: string;
  readonly passwordHash: string;
}

/** Someone who signed up. */
export class User {
  private constructor(
    /** A UUID of version 7. */
    readonly id: string,
    private readonly login: Login,
    /** In PHC string format, parameters and salt included. */
    readonly passwordHash: string,
  ) {}

  static register(id: string, login: Login, passwordHash: string): User {
    return new User(id, login, passwordHash);
  }

  static restore({ id, login, passwordHash }: UserState): User {
    return new User(id, Login.restore(login), passwordHash);
  }

  snapshot(): UserState {
    return { id: this.id, login: this.login.value, passwordHash: this.passwordHash };
  }
}
