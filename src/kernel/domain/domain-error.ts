/**
 * What is wrong, in terms that every door can translate: HTTP into a status
 * (`platform/http/api-error.ts`). `internal` is never the caller's fault.
 */
export type ErrorKind =
  | 'malformed'
  | 'invalid'
  | 'unauthenticated'
  | 'not-found'
  | 'conflict'
  | 'insufficient'
  | 'too-many'
  | 'unavailable'
  | 'internal';

/**
 * A broken rule of the business, named for the fact (`InsufficientFunds`). It knows nothing of
 * HTTP: the message for clients is a row of `<module>/http/<module>.errors.ts`, found by `code`.
 */
export abstract class DomainError extends Error {
  /** The stable name of the broken rule. */
  abstract readonly code: string;
  abstract readonly kind: ErrorKind;
  /** When it may be tried again; absent where that is not known. */
  readonly retryAfterSeconds?: number;

  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

/** No page of this list begins there. */
export class UnknownPage extends DomainError {
  readonly code = 'unknown-page';
  readonly kind = 'malformed';

  constructor() {
    super('the cursor is none that this list gave before: begin with the first page');
  }
}

/** Nobody knows yet what there will be. */
export class MomentInFuture extends DomainError {
  readonly code = 'moment-in-future';
  readonly kind = 'malformed';

  /** @param name of the parameter. */
  constructor(name: 'at' | 'from') {
    super(`${name} must not lie in the future`);
  }
}

/**
 * What all are told whom no valid token of an active user lets in. Nobody learns from it whether
 * the token is bad, or its user blocked or gone.
 */
export const TOKEN_REQUIRED = 'a valid token of an existing user is required';

/** The token is valid, but its user was removed after it was issued. */
export class UserMissing extends DomainError {
  readonly code = 'user-missing';
  readonly kind = 'unauthenticated';

  constructor() {
    super(TOKEN_REQUIRED);
  }
}
