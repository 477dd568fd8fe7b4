import { Clock } from '../../../src/kernel/application/ports.js';
import type { TestService } from '../http/test-service.js';

/** Time that stands still until a test lets it pass. */
export class FakeClock extends Clock {
  #monotonicMs = 0;

  /** @param ms the time of day. To change it is to set the clock: no time passes. */
  constructor(public ms = Date.parse('2026-01-02T03:04:05Z')) {
    super();
  }

  now(): Date {
    return new Date(this.ms);
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  /** So much time passes. */
  advance(ms: number): void {
    this.ms += ms;
    this.#monotonicMs += ms;
  }
}

/** The time of a running service, standing still until a test lets it pass. */
export class HeldClock extends FakeClock {
  constructor({ app }: TestService) {
    super(Date.now());
    Object.assign(app.get(Clock), {
      now: () => this.now(),
      monotonicMs: () => this.monotonicMs(),
    });
  }
}
