/**
 * So many violations are told in full; a broken service breaks thousands of promises in the same
 * way.
 */
const TOLD = 40;

/** What was done, how often, and which promises were broken. */
export class Findings {
  readonly #counts = new Map<string, number>();
  readonly #violations: string[] = [];
  readonly #began = Date.now();
  #violated = 0;
  #firstAfterMs: number | undefined;

  constructor(private readonly seed: number) {}

  count(what: string, by = 1): void {
    this.#counts.set(what, this.of(what) + by);
  }

  /** Keeps the largest. */
  peak(what: string, value: number): void {
    this.#counts.set(what, Math.max(value, this.of(what)));
  }

  of(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  /** `kind: count` of everything counted under `prefix`, the most frequent first. */
  under(prefix: string): string {
    const kinds = [...this.#counts]
      .filter(([what]) => what.startsWith(prefix))
      .sort((a, b) => b[1] - a[1]);
    return kinds.map(([what, count]) => `${what.slice(prefix.length)} ${count}`).join(', ');
  }

  /** @param sentence names the customer, the numbers and the sums; seed and time are added here. */
  violation(sentence: string): void {
    this.#violated++;
    const afterMs = Date.now() - this.#began;
    this.#firstAfterMs ??= afterMs;
    if (this.#violations.length < TOLD) {
      const when = `${(afterMs / 1_000).toFixed(1)} s after the start, ${new Date().toISOString()}`;
      this.#violations.push(`${sentence} (seed ${this.seed}, ${when})`);
    }
  }

  get areBad(): boolean {
    return this.#violated > 0;
  }

  /** Seconds from the start to the first violation. */
  get firstViolationAfter(): number | undefined {
    return this.#firstAfterMs === undefined ? undefined : Math.round(this.#firstAfterMs / 100) / 10;
  }

  get violations(): string[] {
    const untold = this.#violated - this.#violations.length;
    return untold === 0 ? [...this.#violations] : [...this.#violations, `and ${untold} more`];
  }
}
