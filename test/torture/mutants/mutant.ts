/**
 * A place in the source and what a seeded bug makes of it.
 *
 * Text is replaced, not lines patched: a diff breaks with the first line that moves above it, this
 * only when the very statement changes, and then somebody should look. White space counts as white
 * space, so that a reformatting breaks nothing either.
 */
export interface Edit {
  readonly file: string;
  /** Must occur exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

/**
 * The test that must notice, by its file and its full name as jest prints it: the describes it is
 * in, then its own.
 */
export interface Killer {
  readonly file: string;
  readonly test: string;
}

/** A bug that somebody could have made, and the test that is there to notice. */
export interface Mutant {
  readonly name: string;
  /** What it would do to the service. */
  readonly why: string;
  readonly edits: readonly Edit[];
  readonly killer: Killer;
}

/**
 * The files that a mutant changes, with the bug in them.
 *
 * @returns undefined where a text to be replaced does not occur exactly once: the mutant is stale.
 */
export function seeded(
  { edits }: Mutant,
  read: (file: string) => string,
): ReadonlyMap<string, string> | undefined {
  const files = new Map<string, string>();
  for (const edit of edits) {
    const changed = replaced(files.get(edit.file) ?? read(edit.file), edit);
    if (changed === undefined) return undefined;
    files.set(edit.file, changed);
  }
  return files;
}

function replaced(source: string, { find, replace }: Edit): string | undefined {
  const words = find.trim().split(/\s+/);
  const pattern = new RegExp(
    words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('\\s+'),
    'g',
  );
  const [hit, ...others] = source.matchAll(pattern);
  if (!hit || others.length > 0) return undefined;
  return source.slice(0, hit.index) + replace + source.slice(hit.index + hit[0].length);
}
