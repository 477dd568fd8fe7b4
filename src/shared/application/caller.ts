import { DomainError } from '../domain/domain-error.js';

/** Whoever waits for the answer to a command. */
export interface Caller {
  /** Gave up waiting, or broke off: whatever is answered now, nobody hears it, and the same command may have been sent again. */
  readonly hasLeft: boolean;
}

/** The command was dropped before anything was done, because nobody waits for its answer any more. */
export class CallerHasLeft extends DomainError {
  readonly code = 'caller-has-left';

  constructor() {
    super('the client left before its turn came');
  }
}

/** @throws CallerHasLeft */
export function refuseIfLeft(caller: Caller): void {
  if (caller.hasLeft) throw new CallerHasLeft();
}
