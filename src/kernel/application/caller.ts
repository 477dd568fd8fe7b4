import { DomainError } from '../domain/domain-error.js';

/** Whoever waits for the answer to a command. */
export interface Caller {
  /**
   * Gave up waiting, or broke off: whatever is answered now, nobody hears it, and the same command
   * may have been sent again.
   */
  readonly hasLeft: boolean;
}

/**
 * Resolves at the end of this turn of the event loop, when all that had arrived with its first
 * event has been read: `hasLeft` knows by then of everybody who left before that.
 *
 * A turn reads one connection after another. The database's answer may come before the end of a
 * client's connection though that arrived first: a pooled connection that was used in the turn
 * before is looked at first.
 */
export function endsAreRead(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * The command was dropped before anything was done, because nobody waits for its answer any more.
 */
export class CallerHasLeft extends DomainError {
  readonly code = 'caller-has-left';
  readonly kind = 'malformed';

  constructor() {
    super('the client left before its turn came');
  }
}

/** @throws CallerHasLeft */
export function refuseIfLeft(caller: Caller): void {
  if (caller.hasLeft) throw new CallerHasLeft();
}
