/** A latency in microseconds, and how often it was seen. */
export type Bucket = readonly [microseconds: number, count: number];

/** Latencies to the microsecond. A round of a bench has some thousand different ones. */
export class Histogram {
  readonly #counts = new Map<number, number>();
  #count = 0;

  static of(buckets: readonly Bucket[]): Histogram {
    return new Histogram().add(buckets);
  }

  get count(): number {
    return this.#count;
  }

  /** For another process, and for adding up. */
  get buckets(): Bucket[] {
    return [...this.#counts];
  }

  add(buckets: readonly Bucket[]): this {
    for (const [microseconds, count] of buckets) this.record(microseconds, count);
    return this;
  }

  record(microseconds: number, count = 1): void {
    this.#counts.set(microseconds, (this.#counts.get(microseconds) ?? 0) + count);
    this.#count += count;
  }

  /** @param began of `performance.now()`. */
  recordSince(began: number): void {
    this.record(Math.round((performance.now() - began) * 1_000));
  }

  /** In milliseconds; NaN where nothing was recorded. */
  percentile(percent: number): number {
    let left = Math.ceil((percent / 100) * this.#count);
    for (const [microseconds, count] of this.buckets.sort(([a], [b]) => a - b)) {
      if ((left -= count) <= 0) return microseconds / 1_000;
    }
    return NaN;
  }
}

/** Of an even count, the mean of the middle two; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [upper = NaN, lower = NaN] = [sorted[middle], sorted[middle - 1]];
  return sorted.length % 2 === 1 ? upper : (lower + upper) / 2;
}
