import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LeaseLost } from '../../../src/journal/application/ports.js';
import { Cursor } from '../../../src/journal/domain/cursor.js';
import { SqlJournalReader } from '../../../src/journal/infrastructure/sql-journal-reader.js';
import { SqlSubscriptionLeases } from '../../../src/journal/infrastructure/sql-subscription-leases.js';
import { SqlSubscriptionRepository } from '../../../src/journal/infrastructure/sql-subscription-repository.js';
import { openDatabase, type OpenDatabase } from '../../support/database/open-database.js';
import { tamper } from '../../support/database/test-database.js';
import { Writers } from '../../support/database/writers.js';

/** What has become of no event. */
const NOTHING = { tried: [], parked: [], waiting: [], settled: [] };

describe('the lease of a subscription', () => {
  let open: OpenDatabase;
  let writers: Writers;
  let leases: SqlSubscriptionLeases;
  let repository: SqlSubscriptionRepository;
  let cursor: Cursor;

  beforeEach(async () => {
    open = await openDatabase();
    writers = new Writers(open.database);
    leases = new SqlSubscriptionLeases(open.unitOfWork);
    repository = new SqlSubscriptionRepository(open.unitOfWork);
    cursor = Cursor.from(await new SqlJournalReader(open.unitOfWork).mark());
    await repository.create('test', cursor);
  });

  afterEach(async () => {
    await writers.end();
    await open.close();
  });

  const committed = (...types: string[]): Promise<void> => writers.committed(...types);

  /** As if everything had been passed on. */
  async function advance(): Promise<void> {
    cursor = cursor.next(await new SqlJournalReader(open.unitOfWork).mark());
    cursor = cursor.readTo(cursor.until.top);
  }

  const acquire = async (): Promise<NonNullable<Awaited<ReturnType<typeof leases.acquire>>>> => {
    const taken = await leases.acquire('test');
    if (!taken) throw new Error('somebody has the lease');
    return taken;
  };

  const expire = (): Promise<unknown> =>
    open.database.query('UPDATE gophermart.subscriptions SET leased_until = now()');

  it('has one holder at a time, until the lease ends or is given back', async () => {
    const { lease } = await acquire();
    await expect(leases.acquire('test')).resolves.toBeUndefined();
    await leases.release(lease);
    const next = await acquire();
    await expire();
    const last = await acquire();
    expect([lease.fence, next.lease.fence, last.lease.fence]).toEqual(['1', '2', '3']);
  });

  it('has a next holder at once where the clock was set back since', async () => {
    const { lease } = await acquire();
    await open.database.query(
      `UPDATE gophermart.subscriptions SET leased_until = leased_until + interval '1 hour'`,
    );
    expect((await acquire()).lease.fence).toBe('2');
    await expect(leases.renew(lease)).rejects.toThrow(LeaseLost);
    await expect(leases.acquire('test')).resolves.toBeUndefined();
  });

  it('stores nothing of a holder whose lease somebody else has', async () => {
    const { lease: old } = await acquire();
    await committed('a');
    await advance();
    await expire();
    const { lease, cursor: before } = await acquire();
    const parked = [{ position: 1n, reason: 'late' }];
    const progress = { ...NOTHING, cursor, tried: [1n], parked };
    await expect(leases.save(old, progress)).rejects.toThrow(LeaseLost);
    await expect(leases.renew(old)).rejects.toThrow(LeaseLost);
    await leases.release(old);
    await expect(leases.acquire('test')).resolves.toBeUndefined();
    await expire();
    expect((await acquire()).cursor.toSnapshot()).toEqual(before.toSnapshot());
    await expect(leases.renew(lease)).rejects.toThrow(LeaseLost);
    await expect(
      open.database.query('SELECT position FROM gophermart.parked_events'),
    ).resolves.toEqual([]);
  });

  it('is not taken back by what was on its way', async () => {
    const { lease } = await acquire();
    await leases.release(lease);
    await expect(leases.renew(lease)).rejects.toThrow(LeaseLost);
    const progress = { ...NOTHING, cursor, tried: [1n] };
    await expect(leases.save(lease, progress)).rejects.toThrow(LeaseLost);
    await expect(leases.acquire('test')).resolves.toBeDefined();
  });

  it('keeps how far it has got, and what was parked', async () => {
    const { lease } = await acquire();
    await committed('a', 'b');
    await advance();
    const parked = [
      { position: 1n, reason: 'refused' },
      { position: 2n, reason: 'x'.repeat(600) },
    ];
    await leases.save(lease, { ...NOTHING, cursor, tried: [1n, 2n], parked });
    await leases.release(lease);
    const taken = await acquire();
    expect(taken.cursor.toSnapshot()).toEqual(cursor.toSnapshot());
    await expect(leases.toRetry('test', 10)).resolves.toEqual([]);

    const putBack = await open.unitOfWork.run((transaction) =>
      repository.putBack(transaction, ['2', '3']),
    );
    expect(putBack).toEqual(['2']);
    const [retried] = await leases.toRetry('test', 10);
    expect(retried).toMatchObject({ position: 2n, type: 'b', data: '{}' });
    await leases.save(taken.lease, { ...NOTHING, cursor, tried: [2n] });
    await expect(leases.toRetry('test', 10)).resolves.toEqual([]);
    await expect(
      open.database.query('SELECT position::integer, reason FROM gophermart.parked_events'),
    ).resolves.toEqual([{ position: 1, reason: 'refused' }]);
  });

  it('has events wait that the journal has, and finds as many as it may', async () => {
    const { lease } = await acquire();
    await committed('a', 'b', 'c', 'd');
    await advance();
    const waitFor = (...positions: bigint[]) =>
      leases.save(lease, {
        ...NOTHING,
        cursor,
        waiting: positions.map((position) => ({ lane: 7, position })),
      });
    const found = async (limit: number): Promise<bigint[]> =>
      (await leases.waiting('test', [7], limit)).map(({ event }) => event.position);
    // As after a failover to a standby that lacked the last one.
    await waitFor(1n, 2n, 3n, 4n, 5n);
    await expect(
      open.database.query('SELECT position::integer FROM gophermart.waiting_events ORDER BY 1'),
    ).resolves.toEqual([1, 2, 3, 4].map((position) => ({ position })));
    await tamper(open.database, 'DELETE FROM gophermart.events WHERE position = 2');
    expect(await found(2)).toEqual([1n, 3n]);
    expect(await found(9)).toEqual([1n, 3n, 4n]);
  });
});
