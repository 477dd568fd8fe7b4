/**
 * A place in the source and what a bug makes of it.
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

/** The test that must notice, by its file and its full name as jest prints it. */
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

/** A mutant, by its name, its reason, the file and the test that notices, and its edits. */
export function mutant(
  name: string,
  why: string,
  [testFile, test]: readonly [file: string, test: string],
  ...edits: readonly (readonly [file: string, find: string, replace: string])[]
): Mutant {
  return {
    name,
    why,
    edits: edits.map(([file, find, replace]) => ({ file, find, replace })),
    killer: { file: testFile, test },
  };
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
  const patterns = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const [hit, ...others] = source.matchAll(new RegExp(patterns.join('\\s+'), 'g'));
  if (!hit || others.length > 0) return undefined;
  return source.slice(0, hit.index) + replace + source.slice(hit.index + hit[0].length);
}
