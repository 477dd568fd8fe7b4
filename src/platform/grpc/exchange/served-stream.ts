import { type ServerDuplexStream, status as STATUS } from '@grpc/grpc-js';
import { ClientDisconnected } from '../../../kernel/application/caller.js';
import type { RpcErrors } from '../rpc-errors.js';
import type { BatchKind, CommandsMessage, OutcomesMessage } from './messages.js';
import { ReceivedBatch } from './received-batch.js';

/** Batches of a stream without their outcomes, at most; each may have a thousand commands. */
export const MAX_BATCHES = 32;

/** Carries out a batch; what it resolves with are the outcomes. */
export type ServeBatch = (commands: never, batch: ReceivedBatch) => Promise<object>;

export type BatchHandlers = ReadonlyMap<BatchKind, ServeBatch>;

/** The end of an `Exchange` at the process that carries out batches. */
export class ServedStream {
  readonly #batches = new Map<number, ReceivedBatch>();
  #last = 0;
  #isEnding = false;
  #isOver = false;

  constructor(
    private readonly call: ServerDuplexStream<CommandsMessage, OutcomesMessage>,
    private readonly handlers: BatchHandlers,
    private readonly errors: RpcErrors,
  ) {
    call.on('data', (message: CommandsMessage) => this.#receive(message));
    call.on('end', () => this.#end());
    for (const end of ['cancelled', 'error']) call.on(end, () => this.#abandon());
  }

  /** The other end sends no more batches here once it has read this, and then ends the stream. */
  close(): void {
    this.#send({ number: 0, closing: {} });
  }

  #receive(message: CommandsMessage): void {
    const { number, message: kind } = message;
    if (this.#isOver) return;
    if (kind === 'uploads' || kind === 'withdrawals') return this.#begin(kind, message);
    if (number > this.#last) return this.#refuse(`no batch has had the number ${number}`);
    const batch = this.#batches.get(number);
    if (kind === 'givenUp') batch?.giveUp();
    else if (kind !== 'left') this.#refuse('a message was neither a batch nor about one');
    else if (batch?.answer(message.left?.places ?? []) === false)
      this.#refuse(`nothing was asked about the batch ${number}`);
  }

  #begin(kind: BatchKind, message: CommandsMessage): void {
    const { number, timeoutMs = 0 } = message;
    const handle = this.handlers.get(kind);
    if (!handle) return this.#refuse(`no ${kind} are taken here`);
    if (number <= this.#last)
      return this.#refuse(`the number of a batch must be above ${this.#last}`);
    if (this.#batches.size >= MAX_BATCHES)
      return this.#refuse(`at most ${MAX_BATCHES} batches at once`, STATUS.RESOURCE_EXHAUSTED);
    this.#last = number;
    const batch = new ReceivedBatch(timeoutMs, () => this.#send({ number, whoHasLeft: {} }));
    this.#batches.set(number, batch);
    void this.#carryOut(message, kind, batch, handle);
  }

  async #carryOut(
    { number, ...message }: CommandsMessage,
    kind: BatchKind,
    batch: ReceivedBatch,
    handle: ServeBatch,
  ): Promise<void> {
    let answer: Omit<OutcomesMessage, 'number'>;
    try {
      const outcomes = await handle(message[kind] as never, batch);
      if (batch.failure) throw batch.failure;
      answer = { [kind]: outcomes };
    } catch (error) {
      answer = { refusal: this.errors.refusalOf(error) };
    }
    // While nobody reads its outcomes a batch is on its way.
    this.#send({ number, ...answer }, () => {
      this.#batches.delete(number);
      this.#endWhenDone();
    });
  }

  #send(message: OutcomesMessage, sent?: () => void): void {
    if (!this.#isOver) this.call.write(message, sent);
  }

  /** No more comes from the other end, which may still read. */
  #end(): void {
    this.#isEnding = true;
    for (const batch of this.#batches.values()) batch.mute();
    this.#endWhenDone();
  }

  #endWhenDone(): void {
    if (!this.#isEnding || this.#isOver || this.#batches.size > 0) return;
    this.#isOver = true;
    this.call.end();
  }

  #refuse(details: string, code = STATUS.INVALID_ARGUMENT): void {
    this.#abandon();
    this.call.emit('error', { code, details });
  }

  /** Nobody reads what becomes of the batches. */
  #abandon(): void {
    this.#isOver = true;
    for (const batch of this.#batches.values()) batch.fail(new ClientDisconnected());
  }
}
