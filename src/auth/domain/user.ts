import { Login } from './credentials.js';

/** A user signed up; published inside the transaction that stores them. */
export class UserRegistered {
  constructor(readonly userId: string) {}
}

export interface UserState {
  readonly id: string;
  readonly login: string;
  readonly passwordHash: string;
  readonly registeredAt: Date;
}

/** Someone who signed up. */
export class User {
  private constructor(
    /** A UUID of version 7. */
    readonly id: string,
    private readonly login: Login,
    /** In PHC string format, parameters and salt included. */
    readonly passwordHash: string,
    private readonly registeredAt: Date,
  ) {}

  static register(id: string, login: Login, passwordHash: string, at: Date): User {
    return new User(id, login, passwordHash, at);
  }

  static restore({ id, login, passwordHash, registeredAt }: UserState): User {
    return new User(id, Login.restore(login), passwordHash, registeredAt);
  }

  snapshot(): UserState {
    return {
      id: this.id,
      login: this.login.value,
      passwordHash: this.passwordHash,
      registeredAt: this.registeredAt,
    };
  }
}
