import { Clock } from '../../../src/kernel/application/ports.js';
import type { TestService } from '../http/test-service.js';

/** Business time that stands still until a test moves it. */
export class FakeClock extends Clock {
  constructor(public ms = Date.parse('2026-01-02T03:04:05Z')) {
    super();
  }

  now(): Date {
    return new Date(this.ms);
  }

  advance(ms: number): void {
    this.ms += ms;
  }
}

/** Business time of a running service, standing still until a test moves it. */
export class HeldClock extends FakeClock {
  constructor({ app }: TestService) {
    super(Date.now());
    Object.assign(app.get(Clock), { now: () => this.now() });
  }
}
