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

const ID_BYTES = 16;
/** Random bytes are fetched for so many ids at once, because each system call costs as much. */
const IDS_PER_VISIT = 256;
/**
 * The counter has 32 bits (RFC 9562, 6.2, method 1); it starts in the lower half, so that it cannot
 * overflow within a millisecond.
 */
const START_BELOW = 2 ** 31;

/** Ids of one process rise, those of one millisecond too. */
export class UuidV7Ids extends IdGenerator {
  readonly #pool = new Uint8Array(ID_BYTES * IDS_PER_VISIT);
  #used = this.#pool.length;
  #msecs = -Infinity;
  #seq = 0;

  next(): string {
    const random = this.#random();
    const now = Date.now();
    if (now > this.#msecs) {
      this.#msecs = now;
      this.#seq = new DataView(random.buffer, random.byteOffset).getUint32(0) % START_BELOW;
    } else {
      this.#seq++;
    }
    return v7({ msecs: this.#msecs, seq: this.#seq, random });
  }

  #random(): Uint8Array {
    if (this.#used === this.#pool.length) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    this.#used += ID_BYTES;
    return this.#pool.subarray(this.#used - ID_BYTES, this.#used);
  }
}
