import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Cursor } from './cursor.js';
import { Mark } from './mark.js';
import { bytesOfPlace, placeOf } from './place.js';

const position = fc.bigInt(0n, 2n ** 62n);

/** Some that are open, below the next id. */
const open = fc.uniqueArray(fc.bigInt(1n, 200n), { maxLength: 40 });

function mark(next: bigint, below: readonly bigint[], top: bigint): Mark {
  const xids = below.map((each) => next - each).sort((a, b) => (a < b ? -1 : 1));
  return new Mark(`${xids[0] ?? next}:${next}:${xids.join()}`, top, 7n);
}

describe(bytesOfPlace, () => {
  it('keeps where a cursor stands', () => {
    fc.assert(
      fc.property(
        fc.bigInt(1_000n, 2n ** 60n),
        fc.bigInt(0n, 500n),
        position,
        position,
        open,
        open,
        (next, later, top, more, before, after) => {
          const start = Cursor.from(mark(next, before, top));
          const cursor = start.next(mark(next + later, after, top + more));
          for (const each of [start, cursor, cursor.readTo(top + more / 2n)]) {
            const { floors, ...rest } = each.toSnapshot();
            const kept = placeOf(bytesOfPlace(each))?.toSnapshot();
            expect({ ...rest, open: Object.keys(floors).sort() }).toEqual({
              ...kept,
              floors: undefined,
              open: Object.keys(kept?.floors ?? {}).sort(),
            });
            // One floor for all, and below none of them.
            for (const [xid, floor] of Object.entries(floors))
              expect(BigInt(kept?.floors[xid] ?? -1n)).toBeLessThanOrEqual(BigInt(floor));
          }
        },
      ),
    );
  });

  it('keeps which transactions are open', () => {
    const cursor = Cursor.from(mark(1_000n, [3n], 5n));
    const kept = placeOf(bytesOfPlace(cursor))?.toSnapshot();
    expect(kept?.until).toEqual(cursor.toSnapshot().until);
  });

  it('is short, also with many that are open in a row', () => {
    const many = Array.from({ length: 5_000 }, (_, i) => BigInt(i + 1));
    const cursor = Cursor.from(mark(2n ** 40n, many, 2n ** 33n));
    expect(bytesOfPlace(cursor).length).toBeLessThan(40);
    expect(placeOf(bytesOfPlace(cursor))?.until.open.size).toBe(5_000);
  });
});

describe(placeOf, () => {
  it('knows no other bytes', () => {
    const bytes = bytesOfPlace(Cursor.from(mark(1_000n, [3n, 9n], 50n)));
    expect(placeOf(bytes)).toBeDefined();
    expect(placeOf(Buffer.concat([bytes, Buffer.alloc(9)]))).toBeDefined();
    for (let length = 0; length < bytes.length; length++)
      expect(placeOf(bytes.subarray(0, length))).toBeUndefined();
    expect(placeOf(Uint8Array.of(2, ...bytes.subarray(1)))).toBeUndefined();
    fc.assert(fc.property(fc.uint8Array(), (any) => void placeOf(any)));
    // Runs that would fill the memory.
    expect(placeOf(Uint8Array.of(1, 9, 9, 0, 0xff, 0xff, 0xff, 0x7f, 1, 1))).toBeUndefined();
    expect(placeOf(Uint8Array.of(1, 9, 9, 0, 1, 1, 0xff, 0xff, 0xff, 0x7f))).toBeUndefined();
  });
});
