import { DomainError, TOKEN_REQUIRED } from '../../kernel/domain/domain-error.js';

/** Somebody else registered this very login before. */
export class LoginTaken extends DomainError {
  readonly code = 'login-taken';
  readonly kind = 'conflict';

  constructor() {
    super('the login is taken');
  }
}

/** The pair is wrong. An unknown login and a wrong password must look the same to a client. */
export class WrongCredentials extends DomainError {
  readonly code = 'wrong-credentials';
  readonly kind = 'unauthenticated';

  constructor() {
    super('the login or the password is wrong');
  }
}

/** The request has no token, or one that is not valid. */
export class NotAuthenticated extends DomainError {
  readonly code = 'not-authenticated';
  readonly kind = 'unauthenticated';

  constructor() {
    super(TOKEN_REQUIRED);
  }
}

/** Too many log-ins failed from this address within a minute, for this login or for all. */
export class TooManyLoginAttempts extends DomainError {
  readonly code = 'too-many-attempts';
  readonly kind = 'too-many';

  constructor(override readonly retryAfterSeconds: number) {
    super(`too many failed log-ins, try again in ${retryAfterSeconds} s`);
  }
}

/** More passwords are waiting to be hashed than can be within a time that a client would wait. */
export class HashingOverloaded extends DomainError {
  readonly code = 'hashing-overloaded';
  readonly kind = 'too-many';
  override readonly retryAfterSeconds = 1;

  constructor() {
    super('too many log-ins and registrations at once, try again in a moment');
  }
}

/**
 * One user, or one address where nobody is signed in, sends more requests a second than anyone may.
 */
export class TooManyRequests extends DomainError {
  readonly code = 'too-many-requests';
  readonly kind = 'too-many';
  override readonly retryAfterSeconds = 1;

  constructor() {
    super('too many requests a second');
  }
}

/** There is no such user, or nobody of that name any more. */
export class UnknownUser extends DomainError {
  readonly code = 'unknown-user';
  readonly kind = 'not-found';

  constructor() {
    super('there is no such user');
  }
}
