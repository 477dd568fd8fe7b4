/** Business time. Domain and use cases never read the system clock themselves. */
export abstract class Clock {
  abstract now(): Date;
}

/**
 * Makes UUIDs of version 7 (RFC 9562): sortable by the moment they were made, monotonic within this
 * process.
 */
export abstract class IdGenerator {
  abstract next(): string;
}
