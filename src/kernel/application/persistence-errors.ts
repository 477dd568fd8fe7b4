/**
 * The database cannot be reached, or gave no connection or answer in time; at a portal the same of
 * the process that it calls. The input is not at fault: try again later.
 */
export class DatabaseUnavailable extends Error {
  override readonly name: string = 'DatabaseUnavailable';
}

/** The database has canceled the statement: it took longer than one may. */
export class StatementCanceled extends DatabaseUnavailable {
  override readonly name = 'StatementCanceled';
}

/** The connection broke under a transaction: all of it was committed, or nothing. */
export class ConnectionLost extends DatabaseUnavailable {
  override readonly name = 'ConnectionLost';
}

/**
 * Nothing of a batch was stored because of one of its commands. `GroupCommit` halves the batch
 * until that command stands alone.
 */
export abstract class OneIsAtFault extends Error {}

/** The database refused a value or a constraint (SQLSTATE class 22 or 23). */
export class DataRejected extends OneIsAtFault {
  override readonly name = 'DataRejected';
}

/**
 * A row that a decision was based on has changed since it was read: roll back, load again, decide
 * again.
 */
export class StaleState extends OneIsAtFault {
  override readonly name = 'StaleState';
}

/** More commands are waiting than the service is ready to hold. */
export class Overloaded extends Error {
  override readonly name = 'Overloaded';
}

/** Whether it is no fault of the request, nor of ours: it may be tried again in a moment. */
export function isUnavailable(error: unknown): boolean {
  return (
    error instanceof DatabaseUnavailable ||
    error instanceof Overloaded ||
    error instanceof StaleState
  );
}
