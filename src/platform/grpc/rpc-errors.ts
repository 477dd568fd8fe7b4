import { Metadata, type ServiceError, status as STATUS } from '@grpc/grpc-js';
import { DatabaseUnavailable, isUnavailable } from '../../kernel/application/persistence-errors.js';
import { DomainError, type ErrorKind, UserMissing } from '../../kernel/domain/domain-error.js';
import { ErrInternal, type ErrorRows, ErrUnavailable } from '../http/api-error.js';

/** As `Refusal` of refusal.proto. */
export interface Refusal {
  readonly kind: string;
  readonly error: string;
  readonly detail: string;
  readonly retryAfterSeconds: number;
}

/** An outcome of one command of a batch. */
export type RpcOutcome<Value> = Value | { readonly refusal: Refusal };

/** What each kind of error is where a whole call fails. */
const STATUSES: Readonly<Record<ErrorKind, STATUS>> = {
  malformed: STATUS.INVALID_ARGUMENT,
  invalid: STATUS.INVALID_ARGUMENT,
  // UNAUTHENTICATED is for programs that do not show the secret.
  unauthenticated: STATUS.NOT_FOUND,
  insufficient: STATUS.FAILED_PRECONDITION,
  'not-found': STATUS.NOT_FOUND,
  conflict: STATUS.ALREADY_EXISTS,
  'too-many': STATUS.RESOURCE_EXHAUSTED,
  internal: STATUS.INTERNAL,
  unavailable: STATUS.UNAVAILABLE,
};

const KINDS = Object.keys(STATUSES) as readonly ErrorKind[];

/** As `RefusalKind` of refusal.proto. */
function kindName(kind: ErrorKind): string {
  return `REFUSAL_KIND_${kind.toUpperCase().replace('-', '_')}`;
}

/** The metadata in which a whole call that fails has the contract's name of the error. */
export const NAME = 'gophermart-error';

/** Another process has refused it. */
class RefusedElsewhere extends DomainError {
  constructor(
    /** Of a row with the contract's name of the error. */
    readonly code: string,
    readonly kind: ErrorKind,
    detail: string,
    override readonly retryAfterSeconds: number | undefined,
  ) {
    super(detail);
  }
}

/** Turns errors into refusals and statuses, and back; the names are those of the HTTP API. */
export class RpcErrors {
  /** One error may refuse all commands of a batch. */
  readonly #reported = new WeakSet();

  /** @param report is told of faults of ours, and of what could not be served. */
  constructor(
    private readonly rows: ErrorRows,
    private readonly report: (error: unknown, isFault: boolean) => void,
  ) {}

  refusalOf(error: unknown): Refusal {
    const { kind, name, detail, retryAfterSeconds } = this.#described(error);
    return {
      kind: kindName(kind),
      error: name,
      detail,
      retryAfterSeconds,
    };
  }

  statusOf(error: unknown): Pick<ServiceError, 'code' | 'details' | 'metadata'> {
    const { kind, name, detail } = this.#described(error);
    const metadata = new Metadata();
    metadata.set(NAME, name);
    return { code: STATUSES[kind], details: detail === '' ? name : detail, metadata };
  }

  /** The error that a refusal tells of: what this process throws in the other one's place. */
  errorOf({ kind, error: name, detail, retryAfterSeconds }: Refusal): Error {
    if (kind === kindName('unavailable')) return new DatabaseUnavailable(`refused: ${name}`);
    const known = KINDS.find((each) => kindName(each) === kind);
    const [code] = Object.entries(this.rows).find(([, row]) => row.name === name) ?? [];
    if (known === undefined || known === 'internal' || code === undefined)
      return new Error(`another process failed: ${kind}, ${name}`);
    if (name === this.rows[new UserMissing().code]?.name) return new UserMissing();
    const seconds = retryAfterSeconds === 0 ? undefined : retryAfterSeconds;
    return new RefusedElsewhere(code, known, detail, seconds);
  }

  #described(error: unknown): {
    kind: ErrorKind;
    name: string;
    detail: string;
    retryAfterSeconds: number;
  } {
    const row = error instanceof DomainError ? this.rows[error.code] : undefined;
    if (error instanceof DomainError && row) {
      const { kind, message, retryAfterSeconds } = error;
      const seconds =
        retryAfterSeconds === undefined ? 0 : Math.max(1, Math.ceil(retryAfterSeconds));
      return { kind, name: row.name, detail: message, retryAfterSeconds: seconds };
    }
    const isAway = isUnavailable(error);
    if (typeof error !== 'object' || error === null || !this.#reported.has(error))
      this.report(error, !isAway);
    if (typeof error === 'object' && error !== null) this.#reported.add(error);
    return isAway
      ? { kind: 'unavailable', name: ErrUnavailable.name, detail: '', retryAfterSeconds: 1 }
      : { kind: 'internal', name: ErrInternal.name, detail: '', retryAfterSeconds: 0 };
  }
}
