export interface Faults {
  /** Share of the requests for orders that are answered with 500, 0 to 1. */
  readonly errorShare: number;
  /** Share of them whose connection is cut, 0 to 1; together with the errors at most 1. */
  readonly dropShare: number;
  /** Every reply, faults too, is delayed by milliseconds drawn evenly between the two. */
  readonly delayMs: { readonly min: number; readonly max: number };
}

/** Draws the delay and the fault of a request for an order. */
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
