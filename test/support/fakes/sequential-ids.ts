import { IdGenerator } from '../../../src/kernel/application/system.js';

/** `id 1`, `id 2`, …: for tests whose ids never reach a database. */
export class SequentialIds extends IdGenerator {
  #last = 0;

  next(): string {
    return `id ${++this.#last}`;
  }
}
