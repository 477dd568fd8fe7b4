import { ClientDisconnected } from '../../../kernel/application/caller.js';
import { DatabaseUnavailable } from '../../../kernel/application/persistence-errors.js';
import { MalformedCall } from '../rpc-lists.js';

/** How long an answer may take, in milliseconds. Somebody waits for a lock. */
const ANSWERS_WITHIN_MS = 1_000;

interface Question {
  readonly resolve: (places: readonly number[]) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** A batch of commands that came on a stream, and whoever waits for their outcomes there. */
export class ReceivedBatch {
  readonly #questions: Question[] = [];
  readonly #expiresAt: number;
  /** Answers that are still to come, also those that are too late. */
  #owed = 0;
  #isMute = false;
  #failure: Error | undefined;

  /**
   * @param timeoutMs after so many milliseconds nobody waits any more; 0: as long as it takes.
   * @param ask sends a question.
   */
  constructor(
    timeoutMs: number,
    private readonly ask: () => void,
  ) {
    this.#expiresAt = timeoutMs === 0 ? Infinity : performance.now() + timeoutMs;
  }

  /** Why nobody waits for the outcomes any more; undefined: somebody does. */
  get failure(): Error | undefined {
    if (performance.now() > this.#expiresAt)
      this.fail(new DatabaseUnavailable('a batch was not stored within its time'));
    return this.#failure;
  }

  /**
   * Which commands' callers have left until now, by their places.
   *
   * @throws the batch's failure, also where no answer comes in time: nobody is there, then.
   */
  whoHasLeft(): Promise<readonly number[]> {
    return new Promise((resolve, reject) => {
      if (this.#isMute) this.fail(new MalformedCall('a stream ended before its questions'));
      const { failure } = this;
      if (failure) return reject(failure);
      const timer = setTimeout(
        () => this.fail(new DatabaseUnavailable('nobody has answered who has left')),
        ANSWERS_WITHIN_MS,
      );
      this.#questions.push({ resolve, reject, timer });
      this.#owed++;
      this.ask();
    });
  }

  /** Answers come in the order of the questions. @returns false: nothing was asked. */
  answer(places: readonly number[]): boolean {
    if (this.#owed === 0) return false;
    this.#owed--;
    const question = this.#questions.shift();
    clearTimeout(question?.timer);
    question?.resolve(places);
    return true;
  }

  /** No answer comes any more. */
  mute(): void {
    this.#isMute = true;
    if (this.#questions.length > 0)
      this.fail(new MalformedCall('a stream ended before its questions'));
  }

  giveUp(): void {
    this.fail(new ClientDisconnected());
  }

  fail(failure: Error): void {
    this.#failure ??= failure;
    for (const { reject, timer } of this.#questions.splice(0)) {
      clearTimeout(timer);
      reject(failure);
    }
  }
}
