import { type ServerDuplexStream, status as STATUS } from '@grpc/grpc-js';
import { ClientDisconnected } from '../../../kernel/application/caller.js';
import type { RpcErrors } from '../rpc-errors.js';
import type { CommandsMessage, ListKind, OutcomesMessage } from './messages.js';
import { ReceivedList } from './received-list.js';

/** Lists of a stream without their outcomes, at most; each may have a thousand commands. */
export const MAX_LISTS = 32;

/** Carries out a list; what it resolves with are the outcomes. */
export type ListHandler = (commands: never, list: ReceivedList) => Promise<object>;

export type ListHandlers = ReadonlyMap<ListKind, ListHandler>;

/** The end of an `Exchange` at the process that carries out lists. */
export class ServedStream {
  readonly #lists = new Map<number, ReceivedList>();
  #last = 0;
  #isEnding = false;
  #isOver = false;

  constructor(
    private readonly call: ServerDuplexStream<CommandsMessage, OutcomesMessage>,
    private readonly handlers: ListHandlers,
    private readonly errors: RpcErrors,
  ) {
    call.on('data', (message: CommandsMessage) => this.#receive(message));
    call.on('end', () => this.#end());
    for (const end of ['cancelled', 'error']) call.on(end, () => this.#abandon());
  }

  /** The other end sends no further lists here once it has read this, and then ends the stream. */
  close(): void {
    this.#send({ number: 0, closing: {} });
  }

  #receive(message: CommandsMessage): void {
    const { number, message: kind } = message;
    if (this.#isOver) return;
    if (kind === 'uploads' || kind === 'withdrawals') return this.#begin(kind, message);
    if (number > this.#last) return this.#refuse(`no list has had the number ${number}`);
    const list = this.#lists.get(number);
    if (kind === 'givenUp') list?.giveUp();
    else if (kind !== 'left') this.#refuse('a message was neither a list nor about one');
    else if (list?.answer(message.left?.places ?? []) === false)
      this.#refuse(`nothing was asked about the list ${number}`);
  }

  #begin(kind: ListKind, message: CommandsMessage): void {
    const { number, timeoutMs = 0 } = message;
    const handle = this.handlers.get(kind);
    if (!handle) return this.#refuse(`no ${kind} are taken here`);
    if (number <= this.#last)
      return this.#refuse(`the number of a list must be above ${this.#last}`);
    if (this.#lists.size >= MAX_LISTS)
      return this.#refuse(`at most ${MAX_LISTS} lists at once`, STATUS.RESOURCE_EXHAUSTED);
    this.#last = number;
    const list = new ReceivedList(timeoutMs, () => this.#send({ number, whoHasLeft: {} }));
    this.#lists.set(number, list);
    void this.#carryOut(message, kind, list, handle);
  }

  async #carryOut(
    { number, ...message }: CommandsMessage,
    kind: ListKind,
    list: ReceivedList,
    handle: ListHandler,
  ): Promise<void> {
    let answer: Omit<OutcomesMessage, 'number'>;
    try {
      const outcomes = await handle(message[kind] as never, list);
      if (list.failure) throw list.failure;
      answer = { [kind]: outcomes };
    } catch (error) {
      answer = { refusal: this.errors.refusalOf(error) };
    }
    // While nobody reads its outcomes a list is on its way.
    this.#send({ number, ...answer }, () => {
      this.#lists.delete(number);
      this.#endWhenDone();
    });
  }

  #send(message: OutcomesMessage, sent?: () => void): void {
    if (!this.#isOver) this.call.write(message, sent);
  }

  /** No more comes from the other end, which may still read. */
  #end(): void {
    this.#isEnding = true;
    for (const list of this.#lists.values()) list.mute();
    this.#endWhenDone();
  }

  #endWhenDone(): void {
    if (!this.#isEnding || this.#isOver || this.#lists.size > 0) return;
    this.#isOver = true;
    this.call.end();
  }

  #refuse(details: string, code = STATUS.INVALID_ARGUMENT): void {
    this.#abandon();
    this.call.emit('error', { code, details });
  }

  /** Nobody reads what becomes of the lists. */
  #abandon(): void {
    this.#isOver = true;
    for (const list of this.#lists.values()) list.fail(new ClientDisconnected());
  }
}
