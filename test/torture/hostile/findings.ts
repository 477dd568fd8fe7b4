/** So many different ones are printed; a service that is broken altogether breaks every law. */
const PRINTED = 25;

/** Broken promises, the same one counted rather than repeated. */
export class Findings {
  readonly #found = new Map<string, { readonly example: string; times: number }>();

  /** @param what tells one kind from another; `example` is told of the first. */
  add(what: string, example: string): void {
    const found = this.#found.get(what);
    if (found) found.times++;
    else this.#found.set(what, { example, times: 1 });
  }

  knows(what: string): boolean {
    return this.#found.has(what);
  }

  get violations(): string[] {
    const all = [...this.#found].map(
      ([what, { example, times }]) => `${what} (${times} ×)\n      ${example}`,
    );
    return all.length <= PRINTED
      ? all
      : [...all.slice(0, PRINTED), `… and ${all.length - PRINTED} more kinds`];
  }
}
