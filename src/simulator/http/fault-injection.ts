export interface Faults {
  /** How many of the questions are answered with 500, 0 to 1. */
  readonly errorShare: number;
  /**
   * How many have their connection cut instead of an answer, 0 to 1; together with the errors at
   * most 1.
   */
  readonly dropShare: number;
  /**
   * Milliseconds each answer is held back, drawn evenly between the two; faults are held back too.
   */
  readonly delayMs: { readonly min: number; readonly max: number };
}

/** Draws the faults that a question about an order meets. */
export class FaultInjection {
  readonly #faults: Faults;
  readonly #random: () => number;

  /** @param random evenly from 0 up to, not including, 1. */
  constructor(faults: Faults, random: () => number) {
    this.#faults = faults;
    this.#random = random;
  }

  /** In milliseconds. */
  drawDelay(): number {
    const { min, max } = this.#faults.delayMs;
    return max === 0 ? 0 : min + this.#random() * (max - min);
  }

  drawFault(): 'drop' | 'error' | undefined {
    const { dropShare, errorShare } = this.#faults;
    if (dropShare + errorShare === 0) return undefined;
    const drawn = this.#random();
    if (drawn < dropShare) return 'drop';
    return drawn < dropShare + errorShare ? 'error' : undefined;
  }
}
