import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Cursor } from '../../../src/journal/domain/cursor.js';
import { Mark } from '../../../src/journal/domain/mark.js';
import { SqlJournalReader } from '../../../src/journal/infrastructure/sql-journal-reader.js';
import {
  BY_POSITION,
  BY_USER,
  SqlLiveJournal,
} from '../../../src/live/infrastructure/sql-live-journal.js';
import { openDatabase, type OpenDatabase } from '../../support/database/open-database.js';

Logger.overrideLogger(false);

/** A whole number of thousands, so that every type is as frequent. */
const EVENTS = 12_000;
const [ANN, BOB] = [randomUUID(), randomUUID()];

const ENTRY = JSON.stringify({
  ...{ transaction: 't', kind: 'ACCRUAL', order: '18', amount: '#.50' },
  ...{ balance: '12345678901234567.10', withdrawn: '0.00' },
});

describe(SqlLiveJournal, () => {
  let open: OpenDatabase;
  let journal: SqlLiveJournal;

  beforeAll(async () => {
    open = await openDatabase();
    journal = new SqlLiveJournal(open.unitOfWork, new SqlJournalReader(open.unitOfWork));
    await open.database.query(
      `INSERT INTO gophermart.events (type, subject, at, data)
       SELECT CASE n % 3 WHEN 0 THEN 'transaction_processed' ELSE 'order_created' END,
         CASE n % 1000 WHEN 0 THEN $1 WHEN 3 THEN $2 ELSE gen_random_uuid() END,
         '2026-11-29T08:00:00.123456Z', replace($3, '#', n::text)
       FROM generate_series(1, ${EVENTS}) n`,
      [ANN, BOB, ENTRY],
    );
    await open.database.query('ANALYZE gophermart.events');
  });

  afterAll(() => open.close());

  const amountsOf = async (after: bigint, users: readonly string[]): Promise<number[]> => {
    const range = Cursor.from(Mark.before(after, 0n))
      .next(await journal.mark())
      .rangeOf(10n ** 9n);
    if (!range) return [];
    const { events, to } = await journal.read(range, users, 100);
    expect(to).toBe(range.to);
    return events.map(
      ({ data }) => (JSON.parse(data) as { entry: { amount: number } }).entry.amount,
    );
  };

  it('finds the same by position and by user', async () => {
    const strangers = Array.from({ length: 1_000 }, () => randomUUID());
    const both = (n: number): boolean => n % 3 === 0 && (n % 1_000 === 0 || n % 1_000 === 3);
    const all = Array.from({ length: EVENTS }, (_, i) => i + 1).filter(both);
    expect(all).toHaveLength(8);
    const shown = all.map((n) => n + 0.5);
    // Of few users by the index, of many by the key.
    expect(await amountsOf(0n, [ANN, BOB])).toEqual(shown);
    expect(await amountsOf(0n, [...strangers, ANN, BOB])).toEqual(shown);
    expect(await amountsOf(0n, strangers)).toEqual([]);
  });

  it('says how far it has read a page that is full', async () => {
    const range = Cursor.from(Mark.before(0n, 0n))
      .next(await journal.mark())
      .rangeOf(10n ** 9n);
    if (!range) throw new Error('there is nothing');
    const { events, to } = await journal.read(range, [ANN], 2);
    expect(events.map(({ position }) => position)).toEqual([3_000n, 6_000n]);
    expect(to).toBe(6_000n);
    // More users than one statement reads the events of.
    const strangers = Array.from({ length: 250 }, () => randomUUID());
    const page = await journal.read(range, [BOB, ...strangers, ANN], 3);
    expect([...page.events.map(({ position }) => position), page.to]).toEqual([
      3n,
      3_000n,
      3_003n,
      3_003n,
    ]);
  });

  it('writes what has changed, exact', async () => {
    const range = Cursor.from(Mark.before(2_999n, 0n))
      .next(await journal.mark())
      .rangeOf(1n);
    if (!range) throw new Error('there is nothing');
    const { events } = await journal.read(range, [ANN], 2);
    expect(events).toEqual([
      {
        position: 3_000n,
        userId: ANN,
        type: 'balance_changed',
        data:
          '{"current":12345678901234567.1,"withdrawn":0,"entry":{"id":"t","kind":"ACCRUAL",' +
          '"order":"18","amount":3000.5,"balance_after":12345678901234567.1,' +
          '"at":"2026-11-29T08:00:00.123Z"}}',
      },
    ]);
  });

  it('passes over what somebody has written by hand', async () => {
    const user = randomUUID();
    const before = (await journal.mark()).top;
    for (const data of ['no JSON', '{}', 'null', '{"order":"1","status":"NEW"}', ENTRY])
      for (const type of ['order_updated', 'transaction_processed'])
        await open.database.query(
          'INSERT INTO gophermart.events (type, subject, data) VALUES ($1, $2, $3)',
          [type, user, data],
        );
    await expect(amountsOf(before, [user])).resolves.toEqual([]);
  });

  it.each([
    ['by position', BY_POSITION, 'events_pkey', 'hashed SubPlan'],
    ['by user', BY_USER, 'events_of_user', 'Nested Loop'],
  ])('goes %s, whatever the planner guesses', async (_, statement, index, how) => {
    const plan = await open.database.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN (GENERIC_PLAN) ${statement}`,
    );
    const text = plan.map((row) => row['QUERY PLAN']).join('\n');
    expect(text).toContain(`using ${index} on events`);
    expect(text).toContain(how);
    expect(text).not.toContain('Seq Scan');
  });
});
