/** Domain and use cases never read the system's clocks themselves. */
export abstract class Clock {
  /** The time of day, for what is stored or shown. Somebody may set it, forward and back. */
  abstract now(): Date;

  /**
   * Milliseconds of the monotonic clock, for durations such as pauses and limits. Nobody can set
   * it; its zero is arbitrary.
   */
  abstract monotonicMs(): number;
}

/**
 * Makes UUIDs of version 7 (RFC 9562): sortable by the moment they were made, monotonic within this
 * process.
 */
export abstract class IdGenerator {
  abstract next(): string;
}
