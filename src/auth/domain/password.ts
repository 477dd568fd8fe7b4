import { DomainError } from '../../shared/domain/domain-error.js';
import { isStorable } from './text.js';

/** Empty, or text that has no exact bytes to be hashed. */
export class PasswordUnacceptable extends DomainError {
  readonly code = 'password-unacceptable';
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
