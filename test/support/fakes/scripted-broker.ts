import {
  type EventConnection,
  EventSink,
  EventsRefused,
  type Span,
} from '../../../src/journal/application/sink-ports.js';
import type { JournalEvent } from '../../../src/journal/domain/journal-event.js';

/** A sink that does what a test says. */
export class ScriptedBroker extends EventSink {
  readonly name = 'test';
  takesAll = false;
  /** Somebody is there. */
  hasReceiver = true;
  /** What it was told that was passed on. */
  readonly spans: Span[] = [];
  /** The positions of each message that was taken. */
  readonly taken: bigint[][] = [];
  readonly offered: bigint[][] = [];
  connections = 0;
  /** Tries to connect while it is away. */
  failures = 0;
  isAway = false;
  /** Which events it refuses. */
  refuses: (event: JournalEvent) => boolean = () => false;
  #close: (reason: Error) => void = () => undefined;
  /** Holds messages back until {@link answer}. */
  isSlow = false;
  #answers: (() => void)[] = [];

  connect(): Promise<EventConnection> {
    if (this.isAway) {
      this.failures++;
      return Promise.reject(new Error('connect ECONNREFUSED'));
    }
    this.connections++;
    let isOpen = true;
    const closed = new Promise<Error>((resolve) => {
      this.#close = (reason) => {
        isOpen = false;
        resolve(reason);
      };
    });
    const close = this.#close;
    return Promise.resolve({
      closed,
      publish: async (events) => {
        if (!isOpen) throw new Error('the connection is closed');
        const positions = events.map(({ position }) => position);
        this.offered.push(positions);
        if (this.isSlow)
          await Promise.race([
            new Promise<void>((resolve) => this.#answers.push(resolve)),
            closed.then((reason) => Promise.reject(reason)),
          ]);
        if (events.some((event) => this.refuses(event))) throw new EventsRefused('it is full');
        this.taken.push(positions);
      },
      hasReceiver: () => Promise.resolve(this.hasReceiver),
      reached: (span) => {
        this.spans.push(span);
        return Promise.resolve();
      },
      close: () => {
        close(new Error('closed'));
        return Promise.resolve();
      },
    });
  }

  /** Answers what was held back. */
  answer(): void {
    this.#answers.splice(0).forEach((answer) => answer());
  }

  /** Its side ends the connection. */
  breakDown(): void {
    this.#close(new Error('the broker went away'));
  }
}
