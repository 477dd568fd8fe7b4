import { DomainError } from '../../kernel/domain/domain-error.js';

/**
 * Whether UTF-8, and so PostgreSQL and argon2, can hold `text` exactly: a lone surrogate would
 * silently become U+FFFD, and two different logins one; PostgreSQL's `text` has no NUL.
 */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/** Not 1 to 255 characters, white space only, or text that cannot be stored. */
export class LoginUnacceptable extends DomainError {
  readonly code = 'login-unacceptable';
  readonly kind = 'malformed';
}

/** The name a user signs in with: case-sensitive, kept exactly as typed. */
export class Login {
  /**
   * In characters as PostgreSQL's `char_length` counts them, which is code points and not UTF-16
   * units.
   */
  static readonly MAX_LENGTH = 255;

  private constructor(readonly value: string) {}

  /** @throws LoginUnacceptable */
  static parse(text: string): Login {
    if (!isStorable(text))
      throw new LoginUnacceptable('a login has neither NUL characters nor lone surrogates');
    if (text.trim() === '') throw new LoginUnacceptable('a login is more than white space');
    // A code point is one or two UTF-16 units: what is longer than that need not be counted.
    if (text.length > 2 * Login.MAX_LENGTH || Array.from(text).length > Login.MAX_LENGTH) {
      throw new LoginUnacceptable(`a login has at most ${Login.MAX_LENGTH} characters`);
    }
    return new Login(text);
  }

  /** A login that {@link parse} accepted before: a stored one. */
  static restore(value: string): Login {
    return new Login(value);
  }
}

/** Empty, or text that has no exact bytes to be hashed. */
export class PasswordUnacceptable extends DomainError {
  readonly code = 'password-unacceptable';
  readonly kind = 'malformed';
}

/**
 * A password in the clear, neither trimmed nor cut: every character of it counts. Never stored,
 * never printed.
 */
export class Password {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** @throws PasswordUnacceptable */
  static parse(text: string): Password {
    if (text === '') throw new PasswordUnacceptable('a password has at least one character');
    if (!isStorable(text))
      throw new PasswordUnacceptable('a password has neither NUL characters nor lone surrogates');
    return new Password(text);
  }

  /** The text itself, for whoever hashes it. */
  reveal(): string {
    return this.#text;
  }
}
