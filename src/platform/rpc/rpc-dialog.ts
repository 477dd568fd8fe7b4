import { type ServerDuplexStream, status as STATUS } from '@grpc/grpc-js';

/** How long a client may take to answer a question, in milliseconds. Somebody waits for a lock. */
const ANSWERS_WITHIN_MS = 1_000;

/** How long the request may take to arrive, in milliseconds; as by HTTP. */
const ARRIVES_WITHIN_MS = 15_000;

/** The call is over before its answer. */
export class DialogEnded extends Error {
  override readonly name = 'DialogEnded';
}

interface Awaited<Incoming> {
  resolve(message: Incoming): void;
  readonly reject: (error: DialogEnded) => void;
  readonly timer: NodeJS.Timeout;
}

/** A call in which the server asks its client something before it answers. */
export class RpcDialog<Incoming extends object, Outgoing extends object> {
  readonly #awaited: Awaited<Incoming>[] = [];
  readonly #request: Promise<Incoming>;
  #isOver = false;

  constructor(private readonly call: ServerDuplexStream<object, object>) {
    call.on('data', (message: Incoming) => this.#receive(message));
    call.on('end', () => this.#fail(STATUS.INVALID_ARGUMENT, 'questions were still to come'));
    for (const end of ['cancelled', 'error']) call.on(end, () => this.#end('the client is gone'));
    this.#request = this.#next(ARRIVES_WITHIN_MS);
  }

  /** The client's first message. @throws DialogEnded */
  get request(): Promise<Incoming> {
    return this.#request;
  }

  /** The client has cancelled or ended it, has gone, or did not answer in time. */
  get isOver(): boolean {
    return this.#isOver || this.call.cancelled;
  }

  /**
   * Answers come in the order of the questions.
   *
   * @throws DialogEnded, also where no answer comes in time: the call ends then.
   */
  ask(question: Outgoing): Promise<Incoming> {
    const answer = this.#next(ANSWERS_WITHIN_MS);
    if (!this.isOver) this.call.write(question);
    return answer;
  }

  /** The last message. */
  end(answer: Outgoing): void {
    if (!this.isOver) {
      this.call.write(answer);
      this.call.end();
    }
    this.#end('it has been answered');
  }

  #next(withinMs: number): Promise<Incoming> {
    return new Promise((resolve, reject) => {
      if (this.isOver) return reject(new DialogEnded('the call is over'));
      const timer = setTimeout(() => this.#giveUp(withinMs), withinMs);
      this.#awaited.push({ resolve, reject, timer });
    });
  }

  #receive(message: Incoming): void {
    const first = this.#awaited.shift();
    clearTimeout(first?.timer);
    if (first) first.resolve(message);
    else this.#fail(STATUS.INVALID_ARGUMENT, 'nothing was asked');
  }

  #giveUp(withinMs: number): void {
    this.#fail(STATUS.DEADLINE_EXCEEDED, `no message came within ${withinMs / 1_000} s`);
  }

  #fail(code: STATUS, details: string): void {
    if (this.isOver) return;
    this.#end(details);
    this.call.emit('error', { code, details });
  }

  #end(why: string): void {
    this.#isOver = true;
    for (const { reject, timer } of this.#awaited.splice(0)) {
      clearTimeout(timer);
      reject(new DialogEnded(why));
    }
  }
}
