import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Cursor } from '../../../src/journal/domain/cursor.js';
import { Mark } from '../../../src/journal/domain/mark.js';
import { READ, SqlJournalReader } from '../../../src/journal/infrastructure/sql-journal-reader.js';
import { type Writer, Writers } from '../../support/database/writers.js';
import { openDatabase, type OpenDatabase } from '../../support/database/open-database.js';
import { tamper } from '../../support/database/test-database.js';

Logger.overrideLogger(false);

describe('reading the journal', () => {
  let open: OpenDatabase;
  let reader: SqlJournalReader;
  let cursor: Cursor;
  let got: string[];
  let writers: Writers;

  beforeEach(async () => {
    open = await openDatabase();
    reader = new SqlJournalReader(open.unitOfWork);
    cursor = Cursor.from(await reader.mark());
    got = [];
    writers = new Writers(open.database);
  });

  afterEach(async () => {
    await writers.end();
    await open.close();
  });

  const connected = (): Promise<Writer> => writers.connected();

  const begin = async (): Promise<Writer> => (await connected()).begin();

  const committed = (...types: string[]): Promise<void> => writers.committed(...types);

  /** Reads until everything has been read that is committed now. @returns all that was read. */
  async function read(limit = 100): Promise<string[]> {
    do {
      if (cursor.isAtEnd) cursor = cursor.next(await reader.mark());
      const { range } = cursor;
      if (!range) break;
      const events = await reader.read(range, limit);
      got.push(...events.map(({ type }) => type));
      const last = events.length < limit ? undefined : events.at(-1);
      cursor = Cursor.restore(cursor.readTo(last?.position ?? range.to).toSnapshot());
    } while (!cursor.isAtEnd);
    return got;
  }

  it('misses nothing that commits behind a higher position', async () => {
    const slow = await (await begin()).write('slow');
    await committed('quick');
    await expect(read()).resolves.toEqual(['quick']);
    await slow.commit();
    await expect(read()).resolves.toEqual(['quick', 'slow']);
    await expect(read()).resolves.toEqual(['quick', 'slow']);
  });

  it('misses nothing of the last one that has an id, with nobody above it', async () => {
    const first = await (await begin()).takeId();
    const last = await (await (await begin()).takeId()).write('last');
    await (await first.write('first')).commit();
    await expect(read()).resolves.toEqual(['first']);
    await last.commit();
    await expect(read()).resolves.toEqual(['first', 'last']);
  });

  it('waits for no transaction that stays open, here or in another database', async () => {
    const idle = await (await begin()).takeId();
    const other = await (await begin()).write('other');
    await committed('first');
    await expect(read()).resolves.toEqual(['first']);
    await committed('second');
    await expect(read()).resolves.toEqual(['first', 'second']);
    await idle.commit();
    await other.rollBack();
    await expect(read()).resolves.toEqual(['first', 'second']);
  });

  it('keeps the order of those who waited for a lock with an id that is lower', async () => {
    const waiting = await (await begin()).takeId();
    const holder = await (await begin()).write('before');
    await committed('somebody else');
    await read();
    await holder.commit();
    await (await waiting.write('after')).commit();
    await expect(read()).resolves.toEqual(['somebody else', 'before', 'after']);
  });

  it('reads what a session writes after another one, whose number is higher', async () => {
    // A session that keeps numbers for itself writes below what was read.
    const [early, late] = [await connected(), await connected()];
    await (await (await early.begin()).write('a')).commit();
    await (await (await late.begin()).write('b')).commit();
    await read();
    await (await (await early.begin()).write('c')).commit();
    await expect(read()).resolves.toEqual(['a', 'b', 'c']);
  });

  it('reads in pages, also across what was late', async () => {
    const slow = await (await begin()).write('a');
    await slow.write('b');
    await committed('c', 'd', 'e');
    await expect(read(2)).resolves.toEqual(['c', 'd', 'e']);
    await slow.commit();
    await committed('f');
    await expect(read(1)).resolves.toEqual(['c', 'd', 'e', 'a', 'b', 'f']);
  });

  it('begins again where an operator says', async () => {
    await committed('a', 'b', 'c');
    await read();
    const [{ position } = { position: '0' }] = await open.database.query<{ position: string }>(
      `SELECT position FROM gophermart.events WHERE type = 'b'`,
    );
    cursor = cursor.rewind(BigInt(position));
    await expect(read()).resolves.toEqual(['a', 'b', 'c', 'b', 'c']);
  });

  it('goes by the key, however long the journal is', async () => {
    await tamper(
      open.database,
      `INSERT INTO gophermart.events (type, data)
       SELECT 'old', '{}' FROM generate_series(1, 20000)`,
      'ANALYZE gophermart.events',
    );
    await committed('new');
    cursor = Cursor.from(Mark.before(19_999n, 0n));
    await expect(read()).resolves.toEqual(['old', 'new']);
    const plan = await open.database.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN (GENERIC_PLAN) ${READ}`,
    );
    const text = plan.map((row) => row['QUERY PLAN']).join('\n');
    expect(text).toContain('Index Scan using events_pkey');
    expect(text).not.toContain('Sort');
  });

  describe('that came with a dump', () => {
    /** What another server with higher transaction ids had written. */
    const restore = (...types: string[]): Promise<void> =>
      tamper(
        open.database,
        ...types.map(
          (type, i) =>
            `INSERT INTO gophermart.events (xid, type, data)
             VALUES ((pg_current_xact_id()::text::bigint + ${1_000_000 + i})::text::xid8,
               '${type}', '{}')`,
        ),
      );

    it('reads it, and what is written after it', async () => {
      cursor = Cursor.from(Mark.before(0n, 0n));
      await restore('old', 'older');
      await expect(read()).resolves.toEqual(['old', 'older']);
      await committed('new');
      await expect(read()).resolves.toEqual(['old', 'older', 'new']);
      await expect(
        open.database.query('SELECT position::integer FROM gophermart.journal_restores'),
      ).resolves.toEqual([{ position: 2 }]);
    });

    it('goes on where the cursor in the dump had got, with what was open then', async () => {
      await restore('read', 'open', 'not read');
      const next = await nextXid();
      const snapshot = `${next + 1_000_000n}:${next + 1_000_900n}:`;
      // The dump's own ids: of `read` everybody knew, `open` had its position already.
      await tamper(
        open.database,
        `UPDATE gophermart.events SET xid = '${next + 1_000_001n}' WHERE type = 'open'`,
        `UPDATE gophermart.events SET xid = '${next + 1_000_950n}' WHERE type = 'not read'`,
      );
      cursor = Cursor.restore({
        seen: { snapshot: '1:1:', top: '0', restored: '0' },
        until: { snapshot: `${snapshot}${next + 1_000_001n}`, top: '1', restored: '0' },
        after: '1',
        floors: {},
      });
      await expect(read()).resolves.toEqual(['open', 'not read']);
      await committed('new');
      await expect(read()).resolves.toEqual(['open', 'not read', 'new']);
    });

    async function nextXid(): Promise<bigint> {
      const [row] = await open.database.query<{ next: string }>(
        'SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS next',
      );
      return BigInt(row?.next ?? '0');
    }
  });
});
