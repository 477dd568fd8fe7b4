/**
 * JSON text that the database has written; `T` is what it parses to. Doors that speak JSON pass it
 * on as it is, others parse it.
 */
export type JsonText<T> = string & { readonly shape?: T };

/**
 * Which lines of a list are asked for; what is absent asks for all. `Kind` is what its lines can be
 * told apart by.
 */
export interface ListQuery<Kind extends string = never> {
  /** Lines of this moment and later ones, in milliseconds of Unix time. */
  readonly from?: number | undefined;
  /** Lines before this moment. */
  readonly to?: number | undefined;
  /** Lines of these kinds. */
  readonly only?: readonly Kind[] | undefined;
  /** Where the page before ended: the `next` that it gave, to the same query. */
  readonly after?: string | undefined;
  /** The most lines. */
  readonly limit?: number | undefined;
}

/** A list of `T` as JSON text, or the page of it that was asked for. */
export interface JsonList<T> {
  readonly isEmpty: boolean;
  /**
   * The whole array, or its pieces one after another where it is long. Each piece is read from the
   * database when it is asked for, so a list costs no more memory than one of its pieces.
   */
  readonly text: JsonText<readonly T[]> | AsyncIterable<string>;
  /** Where the next page begins; absent: none was asked for, or there is none. */
  readonly next?: string | undefined;
}

/** Some lines of a list of `T`, as JSON text. */
export interface JsonPage<T> {
  /** They are separated by commas; empty where there is none. */
  readonly lines: string & { readonly shape?: T };
  /** How many they are. */
  readonly count: number;
  /** Where the next page begins; undefined: there is none. */
  readonly next: string | undefined;
}

type ReadPage<T, Kind extends string> = (query: ListQuery<Kind>) => Promise<JsonPage<T>>;

/**
 * The list that pages make: all lines of the query, or, where it has a limit, so many of them.
 * Between its pieces nothing is held open.
 *
 * @param read may give fewer lines than the limit, where they are long, with a `next`.
 */
export async function listOf<T, Kind extends string = never>(
  query: ListQuery<Kind>,
  read: ReadPage<T, Kind>,
): Promise<JsonList<T>> {
  const first = await read(query);
  if (query.limit !== undefined) return filled(first, query.limit, query, read);
  return {
    isEmpty: first.lines === '',
    text: first.next === undefined ? `[${first.lines}]` : piecesOf(first, query, read),
  };
}

async function filled<T, Kind extends string>(
  first: JsonPage<T>,
  limit: number,
  query: ListQuery<Kind>,
  read: ReadPage<T, Kind>,
): Promise<JsonList<T>> {
  let { lines, count, next } = first as { lines: string } & JsonPage<T>;
  while (next !== undefined && count < limit) {
    const page = await read({ ...query, limit: limit - count, after: next });
    if (page.lines !== '') lines = lines === '' ? page.lines : `${lines},${page.lines}`;
    count += page.count;
    next = page.next;
  }
  return { isEmpty: lines === '', text: `[${lines}]`, next };
}

async function* piecesOf<T, Kind extends string>(
  first: JsonPage<T>,
  query: ListQuery<Kind>,
  read: ReadPage<T, Kind>,
): AsyncGenerator<string> {
  yield `[${first.lines}`;
  for (let { next } = first; next !== undefined;) {
    const page = await read({ ...query, after: next });
    if (page.lines !== '') yield `,${page.lines}`;
    ({ next } = page);
  }
  yield ']';
}

/** The lines of a list, some at a time, for doors that do not speak JSON. */
export async function* linesOf<T>({ text }: JsonList<T>): AsyncGenerator<readonly T[]> {
  if (typeof text === 'string') yield JSON.parse(text) as readonly T[];
  // Of `[1,2`, `,3,4` and `]` each is some lines behind one character, or the end.
  else for await (const piece of text) yield JSON.parse(`[${piece.slice(1)}]`) as readonly T[];
}
