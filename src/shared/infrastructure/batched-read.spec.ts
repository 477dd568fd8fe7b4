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
      return keys.includes('trouble') ? Promise.reject(new Error('away')) : Promise.resolve({ rows });
    };
    read = new BatchedRead({ query } as unknown as PgUnitOfWork, 'SELECT');
  });

  it('asks once for all requests of one turn, and gives each its own', async () => {
    await expect(Promise.all(['a', 'ghost', 'b', 'a'].map((key) => read.of(key)))).resolves.toMatchObject([
      { value: 'A' },
      undefined,
      { value: 'B' },
      { value: 'A' },
    ]);
    expect(asked).toHaveLength(1);
  });

  it('remembers nothing', async () => {
    await read.of('a');
    rows = [{ key: 'a', value: 'newer' }];
    await expect(read.of('a')).resolves.toMatchObject({ value: 'newer' });
  });

  it('asks for no more than 100 at once', async () => {
    await Promise.all(Array.from({ length: 250 }, (_, i) => read.of(`${i}`)));
    expect(asked.map((keys) => keys.length)).toEqual([100, 100, 50]);
  });

  it('fails all who were asked for together, and nobody after them', async () => {
    const outcomes = await Promise.allSettled([read.of('a'), read.of('trouble')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(read.of('a')).resolves.toMatchObject({ value: 'A' });
  });
});
