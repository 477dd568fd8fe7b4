import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Overloaded } from '../persistence-errors.js';
import {
  type CommittedBatch,
  GroupCommit,
  type GroupCommitLimits,
  type Outcome,
} from './group-commit.js';

/** Whatever can go by then is on its way. */
async function settled(): Promise<void> {
  for (let turns = 0; turns < 6; turns++) await turn();
}

/** Batches that have arrived and wait for the test to commit them. */
class Commits {
  readonly batches: (readonly number[])[] = [];
  readonly #finish: (() => void)[] = [];
  readonly gathered: GroupCommit<number, string>;

  readonly reported: CommittedBatch[] = [];

  constructor(limits: Partial<GroupCommitLimits> = {}) {
    this.gathered = new GroupCommit<number, string>(
      (batch) => this.#handle(batch),
      limits,
      (batch) => this.reported.push(batch),
    );
  }

  submit(...commands: number[]): Promise<string>[] {
    return commands.map((command) => this.gathered.submit(command));
  }

  /** Lets the oldest batch that is on its way commit. */
  async commitOne(): Promise<void> {
    this.#finish.shift()?.();
    await settled();
  }

  #handle(batch: readonly number[]): Promise<Outcome<string>[]> {
    this.batches.push(batch);
    return new Promise((resolve) =>
      this.#finish.push(() => resolve(batch.map((each) => ({ value: `done ${each}` })))),
    );
  }
}

describe(GroupCommit.name, () => {
  it('commits one command of an idle service at once, by itself', async () => {
    const commits = new Commits();
    const [only] = commits.submit(1);
    await settled();
    expect(commits.batches).toEqual([[1]]);
    await commits.commitOne();
    await expect(only).resolves.toBe('done 1');
  });

  it('reports each batch when it is through: its size, its wait and its time', async () => {
    const commits = new Commits({ concurrency: 1, maxConcurrency: 1 });
    void commits.submit(1, 2, 3);
    await settled();
    void commits.submit(4);
    await pause(20);
    expect(commits.reported).toEqual([]);
    await commits.commitOne();
    await commits.commitOne();
    expect(commits.reported.map(({ commands }) => commands)).toEqual([3, 1]);
    const [first, second] = commits.reported;
    expect(first?.tookMs).toBeGreaterThan(15);
    expect(second?.waitedMs).toBeGreaterThan(15);
  });

  it('takes the commands of one event loop turn together, and answers each its own', async () => {
    const commits = new Commits();
    const answers = Promise.all(commits.submit(1, 2, 3));
    await settled();
    expect(commits.batches).toEqual([[1, 2, 3]]);
    await commits.commitOne();
    await expect(answers).resolves.toEqual(['done 1', 'done 2', 'done 3']);
  });

  it('takes those of the next turn too, and no later ones', async () => {
    const commits = new Commits();
    const answers = commits.submit(1);
    await turn();
    answers.push(...commits.submit(2));
    await turn();
    expect(commits.batches).toEqual([[1, 2]]);
    answers.push(...commits.submit(3));
    await settled();
    expect(commits.batches).toEqual([[1, 2], [3]]);
    for (let i = 0; i < 2; i++) await commits.commitOne();
    await expect(Promise.all(answers)).resolves.toHaveLength(3);
  });

  it('gathers what arrives while a commit is on its way', async () => {
    const commits = new Commits({ maxConcurrency: 1 });
    const first = commits.submit(1);
    await settled();
    const later = [...commits.submit(2), ...commits.submit(3)];
    await settled();
    later.push(...commits.submit(4));
    await settled();
    expect(commits.batches).toEqual([[1]]);
    await commits.commitOne();
    expect(commits.batches).toEqual([[1], [2, 3, 4]]);
    await commits.commitOne();
    await expect(Promise.all([...first, ...later])).resolves.toEqual([
      'done 1',
      'done 2',
      'done 3',
      'done 4',
    ]);
  });

  it('answers nobody before the commit', async () => {
    const commits = new Commits();
    let answered = false;
    const [only] = commits.submit(1);
    void only?.then(() => (answered = true));
    await settled();
    expect(answered).toBe(false);
    await commits.commitOne();
    expect(answered).toBe(true);
  });

  it('makes no batch longer than the limit, and starts the rest at once', async () => {
    const commits = new Commits({ maxBatch: 2 });
    const answers = Promise.all(commits.submit(1, 2, 3, 4, 5));
    await settled();
    expect(commits.batches).toEqual([
      [1, 2],
      [3, 4],
    ]);
    for (let i = 0; i < 3; i++) await commits.commitOne();
    expect(commits.batches).toEqual([[1, 2], [3, 4], [5]]);
    await expect(answers).resolves.toHaveLength(5);
  });

  it('divides many commands evenly among the batches on their way', async () => {
    const commits = new Commits({ splitAbove: 5 });
    const answers = commits.submit(...Array.from({ length: 10 }, (_, i) => i));
    await settled();
    expect(commits.batches).toEqual([
      [0, 1, 2, 3, 4],
      [5, 6, 7, 8, 9],
    ]);
    answers.push(...commits.submit(10, 11));
    await commits.commitOne();
    // Of seven that wait or are on their way the half is four, and two are there.
    expect(commits.batches.at(-1)).toEqual([10, 11]);
    answers.push(...commits.submit(12, 13, 14, 15, 16, 17, 18, 19));
    await commits.commitOne();
    // Of ten, five.
    expect(commits.batches.at(-1)).toEqual([12, 13, 14, 15, 16]);
    for (let i = 0; i < 3; i++) await commits.commitOne();
    await expect(Promise.all(answers)).resolves.toHaveLength(20);
  });

  it('does not divide what is few', async () => {
    const commits = new Commits({ splitAbove: 5 });
    const answers = commits.submit(1, 2, 3, 4, 5);
    await settled();
    expect(commits.batches).toEqual([[1, 2, 3, 4, 5]]);
    await commits.commitOne();
    await expect(Promise.all(answers)).resolves.toHaveLength(5);
  });

  it('does not divide what came together, unless it is too many', async () => {
    const commits = new Commits({ splitAbove: 5, maxBatch: 8 });
    const answers = commits.submit(0);
    const [eight, ten] = [{}, {}];
    for (let i = 1; i <= 8; i++) answers.push(commits.gathered.submit(i, eight));
    for (let i = 11; i <= 20; i++) answers.push(commits.gathered.submit(i, ten));
    await settled();
    expect(commits.batches).toEqual([
      [0, 1, 2, 3, 4, 5, 6, 7],
      [8, 11, 12, 13, 14, 15, 16, 17],
    ]);
    for (let i = 0; i < 3; i++) await commits.commitOne();
    expect(commits.batches).toHaveLength(3);
    const more = {};
    for (let i = 21; i <= 28; i++) answers.push(commits.gathered.submit(i, more));
    await settled();
    expect(commits.batches[3]).toEqual([21, 22, 23, 24, 25, 26, 27, 28]);
    await commits.commitOne();
    await expect(Promise.all(answers)).resolves.toHaveLength(27);
  });

  it('has no more batches on their way than the limit', async () => {
    const commits = new Commits({ maxBatch: 1, maxConcurrency: 2 });
    const answers = Promise.all(commits.submit(1, 2, 3, 4));
    await settled();
    expect(commits.batches).toEqual([[1], [2]]);
    await commits.commitOne();
    expect(commits.batches).toEqual([[1], [2], [3]]);
    for (let i = 0; i < 3; i++) await commits.commitOne();
    await expect(answers).resolves.toHaveLength(4);
  });

  it('lets one more go while one is slow, and no longer than that', async () => {
    const commits = new Commits({ maxBatch: 1, concurrency: 1, maxConcurrency: 2 });
    const answers = Promise.all(commits.submit(1, 2, 3, 4));
    await settled();
    expect(commits.batches).toEqual([[1]]);
    await pause(100);
    expect(commits.batches).toEqual([[1], [2]]);
    await pause(100);
    expect(commits.batches).toEqual([[1], [2]]);
    await commits.commitOne();
    await commits.commitOne();
    expect(commits.batches).toEqual([[1], [2], [3]]);
    await settled();
    expect(commits.batches).toEqual([[1], [2], [3]]);
    for (let i = 0; i < 2; i++) await commits.commitOne();
    await expect(answers).resolves.toHaveLength(4);
  });

  it('refuses the command that is too many, and only that one', async () => {
    const commits = new Commits({ maxBatch: 1, maxConcurrency: 1, maxWaiting: 2 });
    const [sent] = commits.submit(1);
    await settled();
    const waiting = commits.submit(2, 3);
    await expect(Promise.race([commits.gathered.submit(4), turn()])).rejects.toThrow(Overloaded);
    for (let i = 0; i < 3; i++) await commits.commitOne();
    await expect(Promise.all([sent, ...waiting])).resolves.toEqual(['done 1', 'done 2', 'done 3']);
    expect(commits.batches.flat()).toEqual([1, 2, 3]);
  });
});
