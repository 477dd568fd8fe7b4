import { beforeEach, describe, expect, it } from '@jest/globals';
import { HashingOverloaded } from '../domain/errors.js';
import { FairQueue } from './fair-queue.js';

/** A queue whose work is done when the test says so. */
class Desk {
  readonly started: string[] = [];
  readonly refused: string[] = [];
  readonly #done = new Map<string, (error?: Error) => void>();

  constructor(private readonly queue: FairQueue) {}

  /** Brings `client`'s pieces, called `a1`, `a2`, … */
  bring(client: string, ...numbers: readonly number[]): void {
    for (const name of numbers.map((number) => `${client}${number}`))
      void this.queue
        .run(client, () => this.#work(name))
        .catch((error: unknown) => {
          if (error instanceof HashingOverloaded) this.refused.push(name);
        });
  }

  #work(name: string): Promise<void> {
    this.started.push(name);
    return new Promise((resolve, reject) =>
      this.#done.set(name, (error) => (error ? reject(error) : resolve())),
    );
  }

  async finish(name: string, error?: Error): Promise<void> {
    this.#done.get(name)?.(error);
    await new Promise(setImmediate);
  }

  /** Finishes what was started, in that order, until nothing is left. */
  async finishAll(): Promise<void> {
    await new Promise(setImmediate);
    for (let i = 0; i < this.started.length; i++) await this.finish(this.started[i] ?? '');
  }
}

describe(FairQueue.name, () => {
  let desk: Desk;
  const open = (concurrency: number, maxWaiting: number): void => {
    desk = new Desk(new FairQueue(concurrency, maxWaiting));
  };

  beforeEach(() => open(1, 8));

  it('lets clients take turns, one piece each', async () => {
    desk.bring('a', 1, 2, 3, 4);
    desk.bring('b', 1, 2);
    desk.bring('c', 1);
    await desk.finishAll();
    expect(desk.started).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']);
  });

  it('serves a newcomer after one piece of each other, whoever has waited long', async () => {
    desk.bring('a', 1, 2, 3, 4, 5);
    await desk.finish('a1');
    desk.bring('b', 1);
    await desk.finishAll();
    expect(desk.started).toEqual(['a1', 'a2', 'a3', 'b1', 'a4', 'a5']);
  });

  it('does so many at once, and no more, also after pieces that fail', async () => {
    open(2, 8);
    desk.bring('a', 1, 2, 3, 4, 5);
    expect(desk.started).toEqual(['a1', 'a2']);
    await desk.finish('a1', new Error('argon2 failed'));
    expect(desk.started).toEqual(['a1', 'a2', 'a3']);
    await desk.finishAll();
    desk.bring('b', 1, 2, 3);
    expect(desk.started.slice(5)).toEqual(['b1', 'b2']);
  });

  it('refuses the client with the most waiting when it is full', async () => {
    open(1, 3);
    desk.bring('a', 1, 2, 3, 4, 5);
    await new Promise(setImmediate);
    expect(desk.refused).toEqual(['a5']);
    desk.bring('b', 1);
    desk.bring('c', 1);
    await new Promise(setImmediate);
    expect(desk.refused).toEqual(['a5', 'a4', 'a3']);
    await desk.finishAll();
    expect(desk.started).toEqual(['a1', 'a2', 'b1', 'c1']);
  });

  it('refuses a newcomer when everybody who waits has one piece', async () => {
    open(1, 2);
    desk.bring('a', 1, 2);
    desk.bring('b', 1);
    desk.bring('c', 1);
    await new Promise(setImmediate);
    expect(desk.refused).toEqual(['c1']);
  });

  it('lets nobody wait where it has no places', async () => {
    open(1, 0);
    desk.bring('a', 1);
    desk.bring('b', 1);
    await new Promise(setImmediate);
    expect([desk.started, desk.refused]).toEqual([['a1'], ['b1']]);
    await desk.finishAll();
    desk.bring('b', 2);
    expect(desk.started).toEqual(['a1', 'b2']);
  });
});
