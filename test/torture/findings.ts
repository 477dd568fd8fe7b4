/** So many violations are told; a broken service breaks thousands of promises in the same way. */
const TOLD = 40;

interface Violation {
  readonly example: string;
  /** Seconds from the start to the first one. */
  readonly after: string;
  times: number;
}

/** What was done, how often, and which promises were broken. */
export class Findings {
  readonly #began = Date.now();
  readonly #numbers = new Map<string, number>();
  readonly #tallies = new Map<string, Map<string, number>>();
  readonly #violations = new Map<string, Violation>();

  count(what: string, by = 1): void {
    this.#numbers.set(what, this.of(what) + by);
  }

  /** Keeps the largest. */
  peak(what: string, value: number): void {
    this.#numbers.set(what, Math.max(value, this.of(what)));
  }

  of(what: string): number {
    return this.#numbers.get(what) ?? 0;
  }

  /** Counts one kind of something, as one status among the replies to a call. */
  tally(what: string, kind: string | number, by = 1): void {
    const kinds = this.#tallies.get(what) ?? new Map<string, number>();
    this.#tallies.set(what, kinds.set(`${kind}`, (kinds.get(`${kind}`) ?? 0) + by));
  }

  timesOf(what: string, kind: string): number {
    return this.#tallies.get(what)?.get(kind) ?? 0;
  }

  /** By what was counted, as in `200 × 12, 202 × 80`. */
  get tallies(): Record<string, string> {
    const print = (kinds: ReadonlyMap<string, number>): string =>
      [...kinds]
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([kind, times]) => `${kind} × ${times}`)
        .join(', ');
    return Object.fromEntries(
      [...this.#tallies]
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([what, kinds]) => [what, print(kinds)]),
    );
  }

  /**
   * @param what the same for violations that are one finding: they are counted. It names whatever
   * helps to look into it, unless `example` does, of which only the first is told.
   */
  violation(what: string, example = ''): void {
    const found = this.#violations.get(what);
    if (found) found.times++;
    else {
      const after = ((Date.now() - this.#began) / 1_000).toFixed(1);
      this.#violations.set(what, { example, after, times: 1 });
    }
  }

  get areBad(): boolean {
    return this.#violations.size > 0;
  }

  knows(what: string): boolean {
    return this.#violations.has(what);
  }

  get violations(): string[] {
    const all = [...this.#violations].map(
      ([what, { example, after, times }]) =>
        `${what} (${times} ×, first after ${after} s)${example && `\n      ${example}`}`,
    );
    return all.length <= TOLD ? all : [...all.slice(0, TOLD), `and ${all.length - TOLD} more`];
  }
}
