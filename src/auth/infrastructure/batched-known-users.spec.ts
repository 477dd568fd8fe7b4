import { AsyncLocalStorage } from 'node:async_hooks';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { TypeOrmUnitOfWork } from '../../shared/infrastructure/typeorm-unit-of-work.js';
import { BatchedKnownUsers } from './batched-known-users.js';

describe(BatchedKnownUsers.name, () => {
  const context = new AsyncLocalStorage<string>();
  let existing: string[];
  let asked: string[][];
  let contexts: (string | undefined)[];
  let knownUsers: BatchedKnownUsers;

  beforeEach(() => {
    existing = ['a', 'b'];
    asked = [];
    contexts = [];
    const query = (_: string, [ids]: [string[]]): Promise<{ records: { key: string; value: string }[] }> => {
      asked.push(ids);
      contexts.push(context.getStore());
      if (ids.includes('trouble')) return Promise.reject(new Error('away'));
      // In an order of its own, as a database may.
      return Promise.resolve({ records: existing.filter((id) => ids.includes(id)).map((key) => ({ key, value: 'known' })) });
    };
    knownUsers = new BatchedKnownUsers({ query } as unknown as TypeOrmUnitOfWork);
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

  it('does not ask in the async context of whoever came first', async () => {
    await context.run('a transaction', () => knownUsers.has('a'));
    expect(contexts).toEqual([undefined]);
  });

  it('hands on what the database failed with', async () => {
    await expect(Promise.allSettled([knownUsers.has('a'), knownUsers.has('trouble')])).resolves.toMatchObject([
      { reason: new Error('away') },
      { reason: new Error('away') },
    ]);
  });
});
