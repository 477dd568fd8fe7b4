import { DomainError } from '../../shared/domain/domain-error.js';
import { isStorable } from './text.js';

/** Not 1 to 255 characters, white space only, or text that cannot be stored. */
export class LoginUnacceptable extends DomainError {
  readonly code = 'login-unacceptable';
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
