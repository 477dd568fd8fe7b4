import { beforeEach, describe, expect, it } from '@jest/globals';
import { UserMissing } from '../../../kernel/domain/domain-error.js';
import { BatchedRead } from './batched-read.js';
import type { PgUnitOfWork } from '../pg-unit-of-work.js';

describe(BatchedRead.name, () => {
  let asked: string[][];
  /** All that there are; undefined for one row a key. */
  let rows: { key: string; value: string }[] | undefined;
  let read: BatchedRead<{ value: string }>;

  beforeEach(() => {
    asked = [];
    rows = [
      { key: 'b', value: 'B' },
      { key: 'a', value: 'A' },
    ];
    const query = (statement: string, [keys]: [string[]]): Promise<object> => {
      expect(statement).toBe('SELECT');
      asked.push(keys);
      return keys.includes('trouble')
        ? Promise.reject(new Error('away'))
        : Promise.resolve({ rows: rows ?? keys.map((key) => ({ key, value: key })) });
    };
    read = new BatchedRead({ query } as unknown as PgUnitOfWork, 'SELECT', 16);
  });

  it('asks once for all requests of one turn, and gives each its own', async () => {
    await expect(Promise.all(['a', 'b', 'a'].map((key) => read.get(key)))).resolves.toMatchObject([
      { value: 'A' },
      { value: 'B' },
      { value: 'A' },
    ]);
    expect(asked).toEqual([['a', 'b']]);
  });

  it('says of each who is there', async () => {
    const outcomes = await Promise.allSettled([read.get('a'), read.get('ghost')]);
    expect(outcomes).toMatchObject([{ status: 'fulfilled' }, { reason: expect.any(UserMissing) }]);
    await expect(Promise.all([read.find('a'), read.find('ghost')])).resolves.toEqual([
      expect.objectContaining({ key: 'a' }),
      undefined,
    ]);
    expect(asked).toEqual([
      ['a', 'ghost'],
      ['a', 'ghost'],
    ]);
  });

  it('remembers nothing', async () => {
    await read.get('a');
    rows = [{ key: 'a', value: 'newer' }];
    await expect(read.get('a')).resolves.toMatchObject({ value: 'newer' });
  });

  it('asks for the first ones at once, and for no more than 100 at a time', async () => {
    rows = undefined;
    const all = Promise.all(Array.from({ length: 300 }, (_, i) => read.get(`${i}`)));
    await Promise.resolve();
    expect(asked.map((keys) => keys.length)).toEqual([16, 16, 16, 100, 100]);
    await all;
    expect(asked.map((keys) => keys.length)).toEqual([16, 16, 16, 100, 100, 52]);
    await read.get('a');
    expect(asked.at(-1)).toEqual(['a']);
  });

  it('asks for the first ones at once again after answers and failures', async () => {
    rows = undefined;
    for (const key of ['a', 'trouble', 'b', 'trouble']) await read.get(key).catch(() => undefined);
    void Array.from({ length: 16 }, (_, i) => read.get(`${i}`));
    await Promise.resolve();
    expect(asked.at(-1)).toHaveLength(16);
  });

  it('fails all who were asked for together, and nobody after them', async () => {
    const outcomes = await Promise.allSettled([read.get('a'), read.get('trouble')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(read.get('a')).resolves.toMatchObject({ value: 'A' });
  });
});
