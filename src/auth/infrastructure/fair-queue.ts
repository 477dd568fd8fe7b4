import { HashingOverloaded } from '../domain/errors.js';

interface Waiting {
  readonly start: () => void;
  readonly refuse: (error: Error) => void;
}

/**
 * Work of many clients that take turns: so many pieces at once, and of those who wait each client
 * one piece in its turn, however many it has waiting. Who sends 80 a second waits for itself.
 */
export class FairQueue {
  /** What waits, by client, oldest first; the client whose turn is next comes first. */
  readonly #waiting = new Map<string, Waiting[]>();
  #waitingCount = 0;
  #running = 0;

  constructor(
    private readonly concurrency: number,
    private readonly maxWaiting: number,
  ) {}

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waitingCount;
  }

  /**
   * Does `work` when the client's turn comes; settles as it does.
   *
   * @throws HashingOverloaded when the queue is full. The client with the most waiting is refused:
   * this one, or another, whose newest piece gives way.
   */
  async run<T>(client: string, work: () => Promise<T>): Promise<T> {
    if (this.#running < this.concurrency) this.#running++;
    else await this.#turnOf(client);
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  /** Resolves when a place has been handed over. */
  #turnOf(client: string): Promise<void> {
    if (this.#waitingCount >= this.maxWaiting) this.#makeRoomFor(client);
    return new Promise((start, refuse) => {
      const own = this.#waiting.get(client);
      if (own) own.push({ start, refuse });
      else this.#waiting.set(client, [{ start, refuse }]);
      this.#waitingCount++;
    });
  }

  #makeRoomFor(client: string): void {
    const own = this.#waiting.get(client)?.length ?? 0;
    let longest: Waiting[] = [];
    for (const each of this.#waiting.values()) if (each.length > longest.length) longest = each;
    // Two clients with as many waiting would only swap places.
    if (longest.length <= own + 1) throw new HashingOverloaded();
    longest.pop()?.refuse(new HashingOverloaded());
    this.#waitingCount--;
  }

  #next(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#running--;
      return;
    }
    const [client, pieces] = next;
    this.#waiting.delete(client);
    const [first, ...others] = pieces;
    if (others.length > 0) this.#waiting.set(client, others);
    this.#waitingCount--;
    first?.start();
  }
}
