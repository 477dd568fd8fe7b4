import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';
import { Clock, IdGenerator } from '../kernel/application/ports.js';

export class SystemClock extends Clock {
  now(): Date {
    return new Date();
  }

  monotonicMs(): number {
    return performance.now();
  }
}

/** Bytes for so many uses are fetched at once: a system call costs the same for few and many. */
const USES_PER_VISIT = 256;

/** Random bytes, some at a time. */
export class RandomBytes {
  readonly #pool: Uint8Array;
  #used: number;

  constructor(private readonly length: number) {
    this.#pool = new Uint8Array(length * USES_PER_VISIT);
    this.#used = this.#pool.length;
  }

  /** They are the caller's until the next call. */
  next(): Uint8Array {
    if (this.#used === this.#pool.length) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    this.#used += this.length;
    return this.#pool.subarray(this.#used - this.length, this.#used);
  }
}

const ID_BYTES = 16;
/**
 * The counter has 32 bits (RFC 9562, 6.2, method 1); it starts in the lower half, so that it cannot
 * overflow within a millisecond.
 */
const START_BELOW = 2 ** 31;

/** Ids of one process rise, those of one millisecond too. */
export class UuidV7Ids extends IdGenerator {
  readonly #random = new RandomBytes(ID_BYTES);
  #msecs = -Infinity;
  #seq = 0;

  next(): string {
    const random = this.#random.next();
    const now = Date.now();
    if (now > this.#msecs) {
      this.#msecs = now;
      this.#seq = new DataView(random.buffer, random.byteOffset).getUint32(0) % START_BELOW;
    } else {
      this.#seq++;
    }
    return v7({ msecs: this.#msecs, seq: this.#seq, random });
  }
}
