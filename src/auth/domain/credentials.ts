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

/**
 * The name a user signs in with: case-sensitive, otherwise kept as typed, and compared in Unicode
 * NFC. Keyboards write й as one character or as two.
 */
export class Login {
  /**
   * In characters as PostgreSQL's `char_length` counts them, which is code points and not UTF-16
   * units.
   */
  static readonly MAX_LENGTH = 255;

  private constructor(
    /** In NFC, unless that has more than {@link MAX_LENGTH} characters. */
    readonly value: string,
    /** As the client sent it. A user who was stored in this spelling is found by it. */
    readonly typed: string,
  ) {}

  /** @throws LoginUnacceptable */
  static parse(text: string): Login {
    if (!isStorable(text))
      throw new LoginUnacceptable('a login has neither NUL characters nor lone surrogates');
    if (text.trim() === '') throw new LoginUnacceptable('a login is more than white space');
    // Syllables of Hangul are three characters each before NFC.
    const normalized = text.length > 4 * Login.MAX_LENGTH ? text : text.normalize('NFC');
    // Some other characters are two or three in it.
    const value = isLongerThan(Login.MAX_LENGTH, normalized) ? text : normalized;
    if (isLongerThan(Login.MAX_LENGTH, value))
      throw new LoginUnacceptable(`a login has at most ${Login.MAX_LENGTH} characters`);
    return new Login(value, text);
  }

  /** A login that {@link parse} accepted before: a stored one. */
  static restore(value: string): Login {
    return new Login(value, value);
  }
}

function isLongerThan(length: number, text: string): boolean {
  // A code point is one or two UTF-16 units: what is longer than that need not be counted.
  return text.length > 2 * length || Array.from(text).length > length;
}

/** Empty, or text that has no exact bytes to be hashed. */
export class PasswordUnacceptable extends DomainError {
  readonly code = 'password-unacceptable';
  readonly kind = 'malformed';
}

/**
 * More combining marks in a row than any language has (UAX #15, Stream-Safe Text Format). NFC puts
 * them in order, which takes a second for 64 KB of them.
 */
const TOO_MANY_MARKS = /(?<!\p{M})\p{M}{31}/u;

/** In UTF-16 units; NFC of so many takes a millisecond. Nobody types them on two keyboards. */
const LONGEST_IN_NFC = 16_384;

/**
 * A password in the clear, neither trimmed nor cut: every character of it counts, in Unicode NFC.
 * Never stored, never printed.
 */
export class Password {
  readonly #text: string;
  readonly #normalized: string;

  private constructor(text: string) {
    this.#text = text;
    const isAsSent = text.length > LONGEST_IN_NFC || TOO_MANY_MARKS.test(text);
    this.#normalized = isAsSent ? text : text.normalize('NFC');
  }

  /** @throws PasswordUnacceptable */
  static parse(text: string): Password {
    if (text === '') throw new PasswordUnacceptable('a password has at least one character');
    if (!isStorable(text))
      throw new PasswordUnacceptable('a password has neither NUL characters nor lone surrogates');
    return new Password(text);
  }

  /** @throws PasswordUnacceptable where it has fewer characters, in NFC. */
  assertLength(least: number): void {
    if (!isLongerThan(least - 1, this.#normalized))
      throw new PasswordUnacceptable(`a new password has at least ${least} characters`);
  }

  /** The text in NFC, for whoever hashes it. */
  reveal(): string {
    return this.#normalized;
  }

  /**
   * What a stored hash may have been made of: the text in NFC, and as it was sent where that
   * differs. Hashes of earlier versions are of what was sent.
   */
  revealSpellings(): readonly string[] {
    return [...new Set([this.#normalized, this.#text])];
  }
}
