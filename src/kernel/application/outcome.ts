import { DomainError } from '../domain/domain-error.js';

/** What became of one command of a list: a value, or the rule that it broke. */
export type Outcome<T> = { readonly value: T } | { readonly broken: DomainError };

/**
 * Lets one command be judged: a broken rule is the answer of that command alone, anything else
 * stops the whole list.
 */
export function decide<T>(judge: () => T): Outcome<T> {
  try {
    return { value: judge() };
  } catch (error) {
    if (error instanceof DomainError) return { broken: error };
    throw error;
  }
}
