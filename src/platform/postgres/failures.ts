import {
  ConnectionLost,
  DatabaseUnavailable,
  DataRejected,
  StaleState,
} from '../../kernel/application/persistence-errors.js';

/** What `pg` and the sockets under it report. */
interface DriverFailure {
  readonly code?: string;
  readonly message?: string;
}

/** SQLSTATE: connection exceptions, an administrator or a crash ending the session. */
const LOST_STATE = /^(08...|57P0[12])$/;
const LOST_SOCKET = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT']);
/**
 * pg reports these without a code (pg 8.23, client.js); the second when the connection broke
 * between two statements.
 */
const LOST_MESSAGE = /^(Connection terminated|Client has encountered a connection error)/;

/** SQLSTATE: too many connections, starting up or shutting down, a lock or statement time-out. */
const UNAVAILABLE_STATE = /^(53300|57P0[345]|55P03|57014)$/;
const UNAVAILABLE_SOCKET = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'EAI_AGAIN',
  'ENOENT',
]);
/** pg and pg-pool report these without a code (pg 8.23, client.js; pg-pool 3, index.js). */
const UNAVAILABLE_MESSAGE =
  /^(timeout exceeded when trying to connect|Query read timeout|Cannot use a pool after calling end)/;

const TRY_AGAIN_STATE = /^(40001|40P01)$/;
/** Unique violation: somebody else's row came in between. */
const STALE_STATE = /^23505$/;
const REJECTED_STATE = /^2[23]...$/;

/** Serialization failure or deadlock: the same work in a new transaction will do. */
export function isConflict(error: unknown): boolean {
  return TRY_AGAIN_STATE.test(driverFailure(error).code ?? '');
}

/** Says in the kernel's words what the driver reported; what it does not know stays as it was. */
export function translateFailure(error: unknown): unknown {
  const { code = '', message = '' } = driverFailure(error);
  if (LOST_STATE.test(code) || LOST_SOCKET.has(code) || LOST_MESSAGE.test(message)) {
    return new ConnectionLost(message, { cause: error });
  }
  if (
    UNAVAILABLE_STATE.test(code) ||
    UNAVAILABLE_SOCKET.has(code) ||
    UNAVAILABLE_MESSAGE.test(message)
  ) {
    return new DatabaseUnavailable(message, { cause: error });
  }
  if (STALE_STATE.test(code)) return new StaleState(message, { cause: error });
  if (REJECTED_STATE.test(code)) return new DataRejected(message, { cause: error });
  return error;
}

function driverFailure(error: unknown): DriverFailure {
  return typeof error === 'object' && error !== null ? error : {};
}
