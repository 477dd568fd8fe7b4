import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PlayedJournal, PlayedReader } from '../../../test/support/fakes/played-journal.js';
import { Cursor, type Range } from './cursor.js';
import { Mark } from './mark.js';

function played(): { database: PlayedJournal; reader: PlayedReader } {
  const database = new PlayedJournal();
  return { database, reader: new PlayedReader(database, Cursor.from(database.mark())) };
}

describe(Cursor, () => {
  it('reads what commits after a higher position was read', () => {
    const { database, reader } = played();
    const [slow, quick] = [database.begin(), database.begin()];
    const late = database.write(slow);
    const early = database.write(quick);
    database.commit(quick);
    expect(reader.all()).toEqual([early]);
    database.commit(slow);
    expect(reader.all()).toEqual([early, late]);
  });

  it('reads what the last of those that are open has written, with nobody above it', () => {
    const { database, reader } = played();
    const [first, last] = [database.begin(), database.begin()];
    const late = database.write(last);
    const early = database.write(first);
    database.commit(first);
    expect(reader.all()).toEqual([early]);
    database.commit(last);
    expect(reader.all()).toEqual([early, late]);
  });

  it('waits for no transaction that stays open', () => {
    const { database, reader } = played();
    const idle = database.begin();
    const [first, second] = [database.begin(), database.begin()];
    const positions = [database.write(first), database.write(second)];
    database.commit(first);
    reader.all();
    database.commit(second);
    expect(reader.all()).toEqual(positions);
    expect(reader.cursor.range).toBeUndefined();
    database.commit(idle);
    expect(reader.all()).toEqual(positions);
  });

  it('keeps the order of an account whose batch took its id before its lock', () => {
    const { database, reader } = played();
    // `second` has the lower id, but waits for the lock that `first` holds.
    const [second, first] = [database.begin(), database.begin()];
    const entry = database.write(first);
    database.commit(first);
    const next = database.write(second);
    database.commit(second);
    expect(reader.all()).toEqual([entry, next]);
  });

  it('reads what was open when it began, and nothing that was there', () => {
    const database = new PlayedJournal();
    const [there, open] = [database.begin(), database.begin()];
    const late = database.write(open);
    database.write(there);
    database.commit(there);
    const reader = new PlayedReader(database, Cursor.from(database.mark()));
    expect(reader.all()).toEqual([]);
    database.commit(open);
    expect(reader.all()).toEqual([late]);
  });

  it('searches nothing below the mark before the one at which a transaction was open', () => {
    const { database, reader } = played();
    const write = (): bigint => {
      const xid = database.begin();
      const position = database.write(xid);
      database.commit(xid);
      return position;
    };
    write();
    const top = write();
    reader.all();
    const open = database.begin();
    database.write(open);
    write();
    reader.all();
    write();
    database.commit(open);
    reader.cursor = reader.cursor.next(database.mark());
    expect(reader.cursor.range).toMatchObject({ after: top, ended: [open] });
  });

  it('searches no more than 50 000 positions at once', () => {
    const cursor = Cursor.from(Mark.before(0n, 0n)).next(new Mark('9:9:', 120_000n, 0n));
    expect(cursor.range).toMatchObject({ after: 0n, to: 50_000n });
    expect(cursor.readTo(100_000n).range).toMatchObject({ after: 100_000n, to: 120_000n });
    expect(cursor.readTo(120_000n).range).toBeUndefined();
  });

  it('refuses to go on before the end', () => {
    const cursor = Cursor.from(Mark.before(0n, 0n)).next(new Mark('9:9:', 1n, 0n));
    expect(() => cursor.next(new Mark('9:9:', 2n, 0n))).toThrow('not been read to its end');
  });

  it('begins again with a position, or earlier where an earlier event is due', () => {
    const { database, reader } = played();
    const write = (): bigint => {
      const xid = database.begin();
      const position = database.write(xid);
      database.commit(xid);
      return position;
    };
    const positions = [write(), write(), write()];
    reader.all();
    reader.cursor = reader.cursor.rewind(2n);
    expect(reader.cursor.nextPosition).toBe(2n);
    expect(reader.all()).toEqual([...positions, 2n, 3n]);
    reader.cursor = reader.cursor.rewind(99n);
    expect(reader.cursor.nextPosition).toBe(4n);

    const open = database.begin();
    const late = database.write(open);
    const after = write();
    reader.all();
    reader.cursor = reader.cursor.rewind(after);
    database.commit(open);
    reader.got.length = 0;
    expect(reader.all()).toEqual([late, after]);
  });

  it('reads a restored journal to its end, and what a server with lower ids writes', () => {
    const old = new PlayedJournal();
    for (let i = 0; i < 5; i++) old.commit(old.begin());
    const [first, open, second] = [old.begin(), old.begin(), old.begin()];
    old.write(first);
    old.commit(first);
    const reader = new PlayedReader(old, Cursor.from(Mark.before(0n, 0n)));
    reader.all();
    old.write(open);
    old.write(second);
    old.commit(second);
    // `open` was not in the dump. The new server begins with lower ids.
    const restored = old.rows.map(({ xid, position }) => ({ xid: xid + 1_000n, position }));
    const server = new PlayedJournal();
    server.rows.push(...restored);
    const { until, ...cursor } = reader.cursor.toSnapshot();
    const shifted = Mark.restore({ ...until, snapshot: '1106:1106:' });
    reader.cursor = Cursor.restore({ ...cursor, until: shifted.toSnapshot() });
    expect(reader.cursor.until.isAheadOf(server.mark())).toBe(true);
    const mark = server.mark(3n);
    expect(reader.cursor.until.isAheadOf(mark)).toBe(false);
    reader.cursor = reader.cursor.next(mark);
    expect(reader.cursor.range).toMatchObject({ after: 1n, to: 3n });
    expect(server.read(reader.cursor.range as Range, 10).map(({ position }) => position)).toEqual([
      3n,
    ]);
  });

  it('reads each event once, and those of an account in order, whatever happens when', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('begin' as const), account: fc.nat(2) }),
      fc.record({ kind: fc.constantFrom('write', 'commit', 'abort'), nth: fc.nat(3) } as const),
      fc.record({ kind: fc.constant('read' as const), limit: fc.integer({ min: 1, max: 3 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { database, reader } = played();
        const accountOf = new Map<bigint, number>();
        const locks = new Map<number, bigint>();
        const expected = new Map<number, bigint[]>();
        const pending = new Map<bigint, bigint[]>();
        const end = (xid: bigint): void => {
          const account = accountOf.get(xid) ?? 0;
          if (locks.get(account) === xid) locks.delete(account);
        };
        for (const each of steps) {
          const xid = 'nth' in each ? database.open[each.nth] : undefined;
          if (each.kind === 'begin') accountOf.set(database.begin(), each.account);
          else if (each.kind === 'read') reader.page(each.limit);
          else if (xid !== undefined) {
            const account = accountOf.get(xid) ?? 0;
            const holder = locks.get(account);
            if (each.kind === 'write') {
              if (holder !== undefined && holder !== xid) continue;
              locks.set(account, xid);
              pending.set(xid, [...(pending.get(xid) ?? []), database.write(xid)]);
            } else if (each.kind === 'commit') {
              database.commit(xid);
              expected.set(account, [
                ...(expected.get(account) ?? []),
                ...(pending.get(xid) ?? []),
              ]);
              end(xid);
            } else {
              database.rollBack(xid);
              end(xid);
            }
          }
        }
        const got = reader.all(2);
        for (const positions of expected.values()) {
          expect(got.filter((each) => positions.includes(each))).toEqual(positions);
        }
        expect([...got].sort((a, b) => Number(a - b))).toEqual(
          database.rows.map(({ position }) => position).sort((a, b) => Number(a - b)),
        );
      }),
      { numRuns: 2_000 },
    );
  });
});
