import { Clock } from '../../shared/application/clock.js';

/**
 * The time of day as it was at the start plus the time since: a clock set back must not turn a
 * final order into a new one.
 */
export class MonotonicClock extends Clock {
  now(): Date {
    return new Date(performance.timeOrigin + performance.now());
  }
}
