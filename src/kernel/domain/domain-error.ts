/**
 * A broken rule of the business, named for the fact (`InsufficientFunds`).
 *
 * It knows nothing of HTTP: one table at the edge maps `code` to a status and a message, and a test
 * demands an entry there for every subclass.
 */
export abstract class DomainError extends Error {
  /** The stable name of the broken rule, as the error table and the metrics know it. */
  abstract readonly code: string;

  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

/** The token is valid, but its user was removed after it was issued. */
export class UserMissing extends DomainError {
  readonly code = 'user-missing';

  constructor() {
    super('a valid token of an existing user is required');
  }
}
