/** How often somebody who waits hears of it, in milliseconds. */
const EVERY_MS = 5_000;

/** [seconds of one, word]: a time is given in the largest of which there are two at least. */
const SPANS = [
  [3_600, 'h'],
  [60, 'min'],
] as const;

/**
 * How far long work has got, how quick it is, and how long it will take, as in `120 of 400 MB,
 * 40 MB/s, 7 s left`. The rate is that of the whole work since it began.
 */
export class ProgressReport {
  readonly #beganMs: number;
  #toldMs: number;

  /**
   * @param unit of what is counted.
   * @param before how much of it was done when this began.
   * @param nowMs the monotonic clock, in milliseconds.
   */
  constructor(
    private readonly unit: string,
    private readonly before = 0,
    private readonly nowMs = (): number => performance.now(),
  ) {
    this.#beganMs = this.#toldMs = nowMs();
  }

  /** @returns undefined within five seconds of the last line, or the beginning. */
  line(done: number, total: number): string | undefined {
    const now = this.nowMs();
    if (now - this.#toldMs < EVERY_MS) return undefined;
    this.#toldMs = now;
    const rate = (done - this.before) / ((now - this.#beganMs) / 1_000);
    const far = `${rounded(done)} of ${rounded(total)} ${this.unit}`;
    const left = rate > 0 ? `, ${spanOf(Math.max(0, total - done) / rate)} left` : '';
    return `${far}, ${rounded(rate)} ${this.unit}/s${left}`;
  }
}

/** Small numbers keep a digit: a rate of 0.4 is not none. */
function rounded(value: number): string {
  return String(value < 10 ? Math.round(value * 10) / 10 : Math.round(value));
}

function spanOf(seconds: number): string {
  for (const [each, word] of SPANS)
    if (seconds >= 2 * each) return `${Math.round(seconds / each)} ${word}`;
  return `${Math.ceil(seconds)} s`;
}
