/**
 * JSON text that the database has written; `T` is what it parses to. Doors that speak JSON pass it
 * on as it is, others parse it.
 */
export type JsonText<T> = string & { readonly shape?: T };

/** A list of `T` as JSON text. */
export interface JsonList<T> {
  readonly isEmpty: boolean;
  /**
   * The whole array, or its pieces one after another where it is long. Each piece is read from the
   * database when it is asked for, so a list costs no more memory than one of its pieces.
   */
  readonly text: JsonText<readonly T[]> | AsyncIterable<string>;
}

/** Some lines of a list of `T`, as JSON text. */
export interface JsonPage<T> {
  /** They are separated by commas; empty where there is none. */
  readonly lines: string & { readonly shape?: T };
  /** Where the next page begins; undefined: there is none. */
  readonly next: string | undefined;
}

/** The list that these pages make. Between its pieces nothing is held open. */
export async function listOf<T>(
  pageAfter: (position?: string) => Promise<JsonPage<T>>,
): Promise<JsonList<T>> {
  const first = await pageAfter();
  return {
    isEmpty: first.lines === '',
    text: first.next === undefined ? `[${first.lines}]` : piecesOf(first, pageAfter),
  };
}

async function* piecesOf<T>(
  first: JsonPage<T>,
  pageAfter: (position?: string) => Promise<JsonPage<T>>,
): AsyncGenerator<string> {
  yield `[${first.lines}`;
  for (let { next } = first; next !== undefined;) {
    const page = await pageAfter(next);
    if (page.lines !== '') yield `,${page.lines}`;
    ({ next } = page);
  }
  yield ']';
}

/** Domain and use cases never read the system's clocks themselves. */
export abstract class Clock {
  /** The time of day, for what is stored or shown. Somebody may set it, forward and back. */
  abstract now(): Date;

  /**
   * Milliseconds of the monotonic clock, for durations such as pauses and limits. Nobody can set
   * it; its zero is arbitrary.
   */
  abstract monotonicMs(): number;
}

/**
 * Makes UUIDs of version 7 (RFC 9562): sortable by the moment they were made, monotonic within this
 * process.
 */
export abstract class IdGenerator {
  abstract next(): string;
}
