/** Business time. Domain and use cases never read the system clock themselves. */
export abstract class Clock {
  abstract now(): Date;
}
