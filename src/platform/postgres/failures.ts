import {
  ConnectionLost,
  DatabaseUnavailable,
  DataRejected,
  StaleState,
  StatementCanceled,
} from '../../kernel/application/persistence-errors.js';

/** What `pg` and the sockets under it report. */
interface DriverFailure {
  readonly code?: string;
  readonly message?: string;
  /** The server's function that raised the error: unlike its message it is not translated. */
  readonly routine?: string;
}

/** The form of a SQLSTATE (PostgreSQL's manual, Appendix A). */
const SQLSTATE = /^[0-9A-Z]{5}$/;

/** SQLSTATE: connection exceptions, and whatever else ends a session. */
const LOST_STATE = /^(08...|57P0[125]|25P0[34])$/;
/** A socket's error, such as ECONNRESET; those of a TLS handshake come with the connecting. */
const LOST_SOCKET = /^E(?!RR_)[A-Z]+$/;
/** pg reports these without a code (pg 8.23, client.js); the last two between two statements. */
const LOST_MESSAGE =
  /^(Connection terminated|Client (has encountered a connection error|was closed))/;
/** pg's own time-out, without a code (pg 8.23, client.js). */
const TOO_SLOW_MESSAGE = /^Query read timeout/;

/** `statement_timeout`, or an administrator's pg_cancel_backend. */
const CANCELED_STATE = /^57014$/;

/** Unique violation: somebody else's row came in between. */
const STALE_STATE = /^23505$/;
const REJECTED_STATE = /^2[23]...$/;

/**
 * SQLSTATE classes of mistakes in our statements, transactions and functions. All others are the
 * database's trouble, those that a later PostgreSQL invents too: starting, standby, disk full, out
 * of connections, damaged, its role or database refused.
 */
const OUR_MISTAKE = /^(0[3ABFLPZ]|2[0145679BDF]|3[489B]|42|44|54|P0)...$/;
/** In those classes, but not ours: a read-only transaction, a right that was taken away. */
const NOT_OURS = /^(25006|42501)$/;

/** Serialization failure, deadlock, and a statement that the server has not prepared (any more). */
const REPEATABLE_STATE = /^(40001|40P01|26000)$/;

/**
 * Whether the same work in a new transaction may succeed at once: rows or plans have changed
 * meanwhile, or the connection's loss has left all of the transaction or nothing, and work that is
 * safe to repeat finds out which.
 */
export function isRepeatable(failure: unknown): boolean {
  if (failure instanceof StaleState || failure instanceof ConnectionLost) return true;
  const cause = failure instanceof DatabaseUnavailable ? failure.cause : failure;
  return REPEATABLE_STATE.test(driverFailure(cause).code ?? '') || hasStalePlan(cause);
}

/** "cached plan must not change result type": a table was changed since the plan was made. */
export function hasStalePlan(error: unknown): boolean {
  return driverFailure(error).routine === 'RevalidateCachedQuery';
}

/** Whatever keeps a connection from being opened, or from coming out of the pool in time. */
export function connectFailure(error: unknown): DatabaseUnavailable {
  const { message, code } = driverFailure(error);
  // Where a name has several addresses, Node's error for all of them has a code and no message.
  return new DatabaseUnavailable(message || code || String(error), { cause: error });
}

/** Says in the kernel's words what the driver reported; what it does not know stays as it was. */
export function translateFailure(error: unknown): unknown {
  const { code = '', message = '' } = driverFailure(error);
  if (LOST_STATE.test(code) || LOST_SOCKET.test(code) || LOST_MESSAGE.test(message))
    return new ConnectionLost(message || code, { cause: error });
  if (TOO_SLOW_MESSAGE.test(message)) return new DatabaseUnavailable(message, { cause: error });
  if (!SQLSTATE.test(code)) return error;
  if (CANCELED_STATE.test(code)) return new StatementCanceled(message, { cause: error });
  if (STALE_STATE.test(code)) return new StaleState(message, { cause: error });
  if (REJECTED_STATE.test(code)) return new DataRejected(message, { cause: error });
  const isOurs = OUR_MISTAKE.test(code) && !NOT_OURS.test(code) && !isRepeatable(error);
  return isOurs ? error : new DatabaseUnavailable(message, { cause: error });
}

function driverFailure(error: unknown): DriverFailure {
  return typeof error === 'object' && error !== null ? error : {};
}
