/**
 * Whether UTF-8, and so PostgreSQL and argon2, can hold `text` exactly: a lone surrogate would
 * silently become U+FFFD, and two different logins one; PostgreSQL's `text` has no NUL.
 */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
