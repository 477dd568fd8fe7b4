import { parseArgs } from 'node:util';

/** The options that a command takes, as node:util's parseArgs describes them. */
export type Options = Readonly<
  Record<string, { readonly type: 'string' | 'boolean'; readonly short?: string }>
>;

/** What stands on a command line. */
export interface Arguments<Name extends string> {
  /** The text of each option that was given; empty for one that takes none. */
  readonly options: ReadonlyMap<Name, string>;
  readonly positionals: readonly string[];
  /** Unknown options, missing and superfluous values: a sentence each. The caller adds its own. */
  readonly problems: string[];
}

/** Not strict, for the strict parser stops at the first mistake. */
export function readArguments<const Known extends Options>(
  argv: readonly string[],
  known: Known,
): Arguments<Extract<keyof Known, string>> {
  const options = new Map<Extract<keyof Known, string>, string>();
  const positionals: string[] = [];
  const problems: string[] = [];
  for (const token of parseArgs({ args: [...argv], options: known, strict: false, tokens: true })
    .tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const { rawName, value } = token;
    const option = Object.hasOwn(known, token.name) ? known[token.name] : undefined;
    if (!option) problems.push(`${rawName} is no option`);
    else if (option.type === 'boolean' && value !== undefined)
      problems.push(`${rawName} takes no value`);
    else if (option.type === 'string' && value === undefined)
      problems.push(`${rawName} needs a value`);
    else options.set(token.name as Extract<keyof Known, string>, value ?? '');
  }
  return { options, positionals, problems };
}
