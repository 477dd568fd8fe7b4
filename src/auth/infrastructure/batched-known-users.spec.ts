import { beforeEach, describe, expect, it } from '@jest/globals';
import type { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';
import { BatchedKnownUsers } from './batched-known-users.js';

describe(BatchedKnownUsers.name, () => {
  let existing: string[];
  let asked: string[][];
  let knownUsers: BatchedKnownUsers;

  beforeEach(() => {
    existing = ['a', 'b'];
    asked = [];
    const query = (
      _: string,
      [ids]: [string[]],
    ): Promise<{ rows: { key: string; value: string }[] }> => {
      asked.push(ids);
      if (ids.includes('trouble')) return Promise.reject(new Error('away'));
      // In an order of its own, as a database may.
      return Promise.resolve({
        rows: existing.filter((id) => ids.includes(id)).map((key) => ({ key, value: 'known' })),
      });
    };
    knownUsers = new BatchedKnownUsers({ query } as unknown as PgUnitOfWork);
  });

  it('asks once for all who come in one turn, each id once', async () => {
    const answers = Promise.all(['b', 'ghost', 'a', 'b'].map((id) => knownUsers.has(id)));
    await expect(answers).resolves.toEqual([true, false, true, true]);
    expect(asked).toEqual([['b', 'ghost', 'a']]);
  });

  it('asks again the next time: a user may be gone by then', async () => {
    await expect(knownUsers.has('a')).resolves.toBe(true);
    existing = [];
    await expect(knownUsers.has('a')).resolves.toBe(false);
  });

  it('hands on what the database failed with', async () => {
    await expect(
      Promise.allSettled([knownUsers.has('a'), knownUsers.has('trouble')]),
    ).resolves.toMatchObject([{ reason: new Error('away') }, { reason: new Error('away') }]);
  });
});
