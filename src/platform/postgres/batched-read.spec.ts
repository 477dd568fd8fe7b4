import { beforeEach, describe, expect, it } from '@jest/globals';
import { BatchedRead } from './batched-read.js';
import type { PgUnitOfWork } from './pg-unit-of-work.js';

describe(BatchedRead.name, () => {
  let asked: string[][];
  let rows: { key: string; value: string }[];
  let read: BatchedRead<{ value: string }>;

  beforeEach(() => {
    asked = [];
    rows = [
      { key: 'b', value: 'B' },
      { key: 'a', value: 'A' },
    ];
    const query = (statement: string, [keys]: [string[]]): Promise<{ rows: typeof rows }> => {
      expect(statement).toBe('SELECT');
      asked.push(keys);
      return keys.includes('trouble')
        ? Promise.reject(new Error('away'))
        : Promise.resolve({ rows });
    };
    read = new BatchedRead({ query } as unknown as PgUnitOfWork, 'SELECT', 16);
  });

  it('asks once for all requests of one turn, and gives each its own', async () => {
    await expect(
      Promise.all(['a', 'ghost', 'b', 'a'].map((key) => read.of(key))),
    ).resolves.toMatchObject([{ value: 'A' }, undefined, { value: 'B' }, { value: 'A' }]);
    expect(asked).toEqual([['a', 'ghost', 'b']]);
  });

  it('remembers nothing', async () => {
    await read.of('a');
    rows = [{ key: 'a', value: 'newer' }];
    await expect(read.of('a')).resolves.toMatchObject({ value: 'newer' });
  });

  it('asks for the first ones at once, and for no more than 100 at a time', async () => {
    const all = Promise.all(Array.from({ length: 300 }, (_, i) => read.of(`${i}`)));
    await Promise.resolve();
    expect(asked.map((keys) => keys.length)).toEqual([16, 16, 16, 100, 100]);
    await all;
    expect(asked.map((keys) => keys.length)).toEqual([16, 16, 16, 100, 100, 52]);
    await read.of('a');
    expect(asked.at(-1)).toEqual(['a']);
  });

  it('asks for the first ones at once again after answers and failures', async () => {
    for (const key of ['a', 'trouble', 'b', 'trouble']) await read.of(key).catch(() => undefined);
    void Array.from({ length: 16 }, (_, i) => read.of(`${i}`));
    await Promise.resolve();
    expect(asked.at(-1)).toHaveLength(16);
  });

  it('fails all who were asked for together, and nobody after them', async () => {
    const outcomes = await Promise.allSettled([read.of('a'), read.of('trouble')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(read.of('a')).resolves.toMatchObject({ value: 'A' });
  });
});
