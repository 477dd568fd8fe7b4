/**
 * The database cannot be reached, or gave no connection or answer in time. Nobody's input is at
 * fault; try again later.
 */
export class DatabaseUnavailable extends Error {
  override readonly name: string = 'DatabaseUnavailable';
}

/** The connection broke under a transaction: all of it was committed, or nothing. */
export class ConnectionLost extends DatabaseUnavailable {
  override readonly name = 'ConnectionLost';
}

/**
 * The database refused a value or a constraint (SQLSTATE class 22 or 23): one command of the list
 * is at fault, not all.
 */
export class DataRejected extends Error {
  override readonly name = 'DataRejected';
}

/**
 * What was decided on has changed underneath, so a row could not be stored: roll back, load again,
 * decide again.
 */
export class StaleState extends Error {
  override readonly name = 'StaleState';
}

/** More commands are waiting than the service is ready to hold. */
export class Overloaded extends Error {
  override readonly name = 'Overloaded';
}
