import { Clock } from '../../../src/kernel/application/system.js';
import type { TestService } from '../http/test-service.js';

/** Business time of a running service, standing still until a test moves it. */
export class HeldClock {
  #ms = Date.now();

  constructor({ app }: TestService) {
    Object.assign(app.get(Clock), { now: () => this.now });
  }

  get now(): Date {
    return new Date(this.#ms);
  }

  advance(ms: number): void {
    this.#ms += ms;
  }
}
