import { Cursor } from './cursor.js';
import { Mark } from './mark.js';

/*
 * A cursor in few bytes, for whoever is to keep it: its two marks, how far the difference between
 * them was read, and one floor for all transactions that were open. The marks differ little, so the
 * earlier one is written as the difference.
 */

/** Of this form; another one begins with another number. */
const FORM = 1n;

/** Runs of open transactions in one mark, at most: nobody has so many sessions. */
const MAX_RUNS = 10_000n;

/** Of one session that made savepoints, at most. */
const MAX_OPEN = 100_000n;

/** Where a cursor stands. `placeOf` makes an equal cursor of it. */
export function bytesOfPlace(cursor: Cursor): Uint8Array {
  const { seen, until, after, floors } = cursor.toSnapshot();
  const [earlier, later] = [Mark.restore(seen), Mark.restore(until)];
  const floor = Object.values(floors)
    .map(BigInt)
    .reduce((low, each) => (each < low ? each : low), later.top);
  const bytes: number[] = [];
  for (const number of [
    FORM,
    later.nextXid,
    later.top,
    later.restored,
    ...runsOf(later),
    later.nextXid - earlier.nextXid,
    later.top - earlier.top,
    later.restored - earlier.restored,
    ...runsOf(earlier),
    later.top - BigInt(after),
    later.top - floor,
  ])
    write(bytes, number);
  return Uint8Array.from(bytes);
}

/** @returns undefined where these bytes are no place; zeros behind one do not count. */
export function placeOf(bytes: Uint8Array): Cursor | undefined {
  try {
    const next = numbersOf(bytes);
    if (next() !== FORM) return undefined;
    const [nextXid, top, restored] = [next(), next(), next()];
    const until = markOf(nextXid, top, restored, next);
    const [xids, positions, restores] = [next(), next(), next()];
    const seen = markOf(nextXid - xids, top - positions, restored - restores, next);
    const [after, floor] = [top - next(), top - next()];
    return Cursor.restore({
      seen: seen.toSnapshot(),
      until: until.toSnapshot(),
      after: String(after),
      floors: Object.fromEntries([...seen.open].map((xid) => [String(xid), String(floor)])),
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** How many runs of ids without a gap there are; of each how far it begins below the next id. */
function runsOf({ open, nextXid }: Mark): bigint[] {
  const runs: { start: bigint; length: bigint }[] = [];
  for (const xid of [...open].sort((a, b) => (a < b ? -1 : 1))) {
    const last = runs.at(-1);
    if (last && xid === last.start + last.length) last.length++;
    else runs.push({ start: xid, length: 1n });
  }
  const numbers = runs.flatMap(({ start, length }) => [nextXid - start, length]);
  return [BigInt(runs.length), ...numbers];
}

function markOf(nextXid: bigint, top: bigint, restored: bigint, next: () => bigint): Mark {
  const open: bigint[] = [];
  const runs = next();
  if (runs > MAX_RUNS) throw new RangeError('too many runs');
  for (let run = 0n; run < runs; run++) {
    const [below, length] = [next(), next()];
    if (length > MAX_OPEN) throw new RangeError('too long a run');
    for (let i = 0n; i < length; i++) open.push(nextXid - below + i);
  }
  return new Mark(`${open[0] ?? nextXid}:${nextXid}:${open.join()}`, top, restored);
}

/** Seven bits a byte, the lowest first; all but the last have the eighth. */
function write(bytes: number[], number: bigint): void {
  let rest = number;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
}

/** Reads one after another. @throws RangeError where there is none. */
function numbersOf(bytes: Uint8Array): () => bigint {
  let at = 0;
  return () => {
    let number = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined || shift > 63n) throw new RangeError('no number');
      number |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return number;
    }
  };
}
