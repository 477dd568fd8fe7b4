import {
  type ClientDuplexStream,
  Metadata,
  type ServiceError,
  status as STATUS,
  type StatusObject,
} from '@grpc/grpc-js';
import { DatabaseUnavailable } from '../../../kernel/application/persistence-errors.js';
import type { Refusal } from '../rpc-errors.js';
import type { BatchKind, CommandsMessage, OutcomesMessage } from './messages.js';

/** How long outcomes are waited for, in milliseconds: as for a call. */
export const OUTCOMES_WITHIN_MS = 7_000;

/**
 * How long batches go by one stream, in milliseconds. The next one begins at another process where
 * there are several, and costs nothing next to the batches of a second.
 */
const USED_FOR_MS = 1_000;

/** A batch of commands, and whoever waits for their outcomes here. */
export interface BatchToSend {
  readonly kind: BatchKind;
  /** As the kind has it in commands.proto. */
  readonly commands: object;
  /** Places of the commands whose callers have left; must not reject. */
  readonly whoHasLeft?: () => Promise<readonly number[]>;
}

interface Waiting extends BatchToSend {
  readonly resolve: (outcomes: object) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** The end of an `Exchange` at the process that sends batches. */
export class SendingStream {
  readonly #waiting = new Map<number, Waiting>();
  readonly #retirement: NodeJS.Timeout;
  #last = 0;
  #isTaking = true;

  constructor(private readonly call: ClientDuplexStream<CommandsMessage, OutcomesMessage>) {
    call.on('data', (message: OutcomesMessage) => this.#receive(message));
    // The status tells the same.
    call.on('error', () => undefined);
    call.on('status', (status: StatusObject) => this.#over(serviceErrorOf(status)));
    this.#retirement = setTimeout(() => this.retire(), USED_FOR_MS).unref();
  }

  /** Whether further batches may be sent by it. */
  get isTaking(): boolean {
    return this.#isTaking;
  }

  /**
   * Sends a batch; resolves with its outcomes.
   *
   * @throws ServiceError with what ended the stream, or where no outcomes came in time;
   * DatabaseUnavailable where the batch was refused because the database is away; Error: it was
   * refused for what it is.
   */
  send(batch: BatchToSend): Promise<object> {
    const number = ++this.#last;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#giveUp(number), OUTCOMES_WITHIN_MS);
      this.#waiting.set(number, { ...batch, resolve, reject, timer });
      this.call.write({
        number,
        timeoutMs: OUTCOMES_WITHIN_MS,
        [batch.kind]: batch.commands,
      });
    });
  }

  /** Ends it as soon as all outcomes are there. */
  retire(): void {
    clearTimeout(this.#retirement);
    this.#isTaking = false;
    this.#endWhenDone();
  }

  #receive(message: OutcomesMessage): void {
    const { number, message: kind } = message;
    if (kind === 'closing') return this.retire();
    const batch = this.#waiting.get(number);
    // Of a batch that was given up something may still be on its way.
    if (!batch && number > 0 && number <= this.#last) return;
    if (batch && kind === 'whoHasLeft') return void this.#answer(number, batch);
    if (batch && kind === 'refusal') batch.reject(errorOf(message.refusal as Refusal));
    else if (batch && kind === batch.kind) batch.resolve(message[kind] ?? {});
    else return this.#breakOff();
    this.#forget(number);
  }

  async #answer(number: number, batch: Waiting): Promise<void> {
    const places = (await batch.whoHasLeft?.()) ?? [];
    if (this.#waiting.get(number) === batch) this.call.write({ number, left: { places } });
  }

  #giveUp(number: number): void {
    this.call.write({ number, givenUp: {} });
    const details = `no outcomes within ${OUTCOMES_WITHIN_MS / 1_000} s`;
    const status = { code: STATUS.DEADLINE_EXCEEDED, details, metadata: new Metadata() };
    this.#waiting.get(number)?.reject(serviceErrorOf(status));
    this.#forget(number);
  }

  #forget(number: number): void {
    clearTimeout(this.#waiting.get(number)?.timer);
    this.#waiting.delete(number);
    this.#endWhenDone();
  }

  #endWhenDone(): void {
    if (!this.#isTaking && this.#waiting.size === 0) this.call.end();
  }

  /** The other end says what is not in its definition. */
  #breakOff(): void {
    this.#over(new Error('a message came that fits nothing'));
    this.call.cancel();
  }

  #over(error: Error): void {
    clearTimeout(this.#retirement);
    this.#isTaking = false;
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#waiting.clear();
  }
}

function serviceErrorOf(status: StatusObject): ServiceError {
  return Object.assign(new Error(status.details), status);
}

/** What refuses a whole batch is a fault of one of the processes, unless the database is away. */
function errorOf({ kind, error, detail }: Refusal): Error {
  return kind === 'REFUSAL_KIND_UNAVAILABLE'
    ? new DatabaseUnavailable(`a batch was refused: ${error}`)
    : new Error(`a batch was refused: ${error}, ${detail}`);
}
