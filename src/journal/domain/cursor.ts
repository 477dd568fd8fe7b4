import { Mark, type MarkSnapshot } from './mark.js';

/** A cursor as it is stored: numbers of 64 bits as text. */
export interface CursorSnapshot {
  readonly seen: MarkSnapshot;
  readonly until: MarkSnapshot;
  readonly after: string;
  /** By transaction id. */
  readonly floors: Readonly<Record<string, string>>;
}

/** Which events come next, as the database needs to know it. */
export interface Range {
  /** All that is asked for stands above this position. */
  readonly after: bigint;
  /** All that is asked for stands at this position or below it. */
  readonly to: bigint;
  /** The mark that sees all that is asked for. */
  readonly until: Mark;
  /** The top of the earlier mark: above it every event is new. */
  readonly seenTop: bigint;
  /** Up to `seenTop` the events of these transactions are new, and no others. */
  readonly ended: readonly bigint[];
}

/** Nobody should wait for more positions to be searched at once. */
const MAX_POSITIONS = 50_000n;

/**
 * How far a reader of the journal has got.
 *
 * It reads the difference of two marks, ordered by position, and then the next difference: each
 * event once, and those of an account in their order. For who changes an account after another has
 * waited for its lock: the other's events have lower positions, and no mark sees the later without
 * the earlier.
 *
 * A difference has all that the later mark sees above the top of the earlier one. Below that it has
 * what transactions wrote that were open at the earlier mark and have ended since. Where such one
 * was not open yet at the mark previous to that, it took its id later, and its positions after its
 * id. So they are above the top of the previous mark, its *floor*, and nothing below needs to be
 * searched.
 */
export class Cursor {
  /** The later mark. */
  readonly until: Mark;
  /** The earlier mark. */
  readonly #seen: Mark;
  /** All events of the difference up to this position have been read. */
  readonly #after: bigint;
  /** For each transaction that was open at the earlier mark: its events are above this. */
  readonly #floors: ReadonlyMap<bigint, bigint>;

  private constructor(seen: Mark, until: Mark, after: bigint, floors: ReadonlyMap<bigint, bigint>) {
    this.#seen = seen;
    this.until = until;
    this.#after = after;
    this.#floors = floors;
  }

  /** Begins with what is committed after this mark. Where open ones began nobody knows. */
  static from(mark: Mark): Cursor {
    const floors = new Map([...mark.open].map((xid) => [xid, 0n]));
    return new Cursor(mark, mark, mark.top, floors);
  }

  static restore({ seen, until, after, floors }: CursorSnapshot): Cursor {
    return new Cursor(
      Mark.restore(seen),
      Mark.restore(until),
      BigInt(after),
      new Map(Object.entries(floors).map(([xid, floor]) => [BigInt(xid), BigInt(floor)])),
    );
  }

  /** Everything that its last mark sees has been read. */
  get isAtEnd(): boolean {
    return this.#after >= this.until.top;
  }

  /** Of the next events, as far as one statement should search. Undefined at the end. */
  get range(): Range | undefined {
    return this.rangeOf(MAX_POSITIONS);
  }

  /** The same with so many positions at most: who searches by more than the key may take more. */
  rangeOf(positions: bigint): Range | undefined {
    if (this.isAtEnd) return undefined;
    const limit = this.#after + positions;
    return {
      after: this.#after,
      to: limit < this.until.top ? limit : this.until.top,
      until: this.until,
      seenTop: this.#seen.top,
      ended: endedBetween(this.#seen, this.until, this.#floors),
    };
  }

  /** Where it goes on, if it does not find earlier events of transactions that have ended. */
  get nextPosition(): bigint {
    return this.#after + 1n;
  }

  /** All events up to this position have been read. */
  readTo(position: bigint): Cursor {
    return new Cursor(this.#seen, this.until, position, this.#floors);
  }

  /** From the end on to what a later mark sees. */
  next(mark: Mark): Cursor {
    if (!this.isAtEnd) throw new Error('the difference before has not been read to its end');
    const seen = mark.restored > this.until.restored ? this.#restoredTo(mark) : this.until;
    const floors = this.#nextFloors();
    const ended = endedBetween(seen, mark, floors);
    const after = lowest(
      seen.top,
      ended.map((xid) => floors.get(xid) ?? 0n),
    );
    return new Cursor(seen, mark, after, floors);
  }

  /**
   * Begins again with the event at this position, or with the one it stands at, if that is earlier.
   * What was still open then is not forgotten.
   */
  rewind(position: bigint): Cursor {
    const start = Mark.before(lowest(this.#after, [position - 1n]), this.until.restored);
    return new Cursor(start, start, start.top, this.#nextFloors());
  }

  toSnapshot(): CursorSnapshot {
    return {
      seen: this.#seen.toSnapshot(),
      until: this.until.toSnapshot(),
      after: String(this.#after),
      floors: Object.fromEntries(
        [...this.#floors].map(([xid, floor]) => [String(xid), String(floor)]),
      ),
    };
  }

  /**
   * Those for the next difference: the known ones of transactions that are still open, and for
   * those first seen open at the later mark the top of the earlier one. A known one is lower, and
   * wins.
   */
  #nextFloors(): ReadonlyMap<bigint, bigint> {
    const ended = new Set(endedBetween(this.#seen, this.until, this.#floors));
    const fresh = [...this.until.open].map((xid) => [xid, this.#seen.top] as const);
    return new Map([...fresh, ...[...this.#floors].filter(([xid]) => !ended.has(xid))]);
  }

  /** The restored database may have less than was read: what it gives out next is new. */
  #restoredTo({ restored }: Mark): Mark {
    const { snapshot, top } = this.until;
    return new Mark(snapshot, lowest(top, [restored]), this.until.restored);
  }
}

/** Transactions that were open at the earlier mark, and whose events the later mark sees. */
function endedBetween(
  earlier: Mark,
  later: Mark,
  floors: ReadonlyMap<bigint, bigint>,
): readonly bigint[] {
  const isRestored = later.restored > earlier.restored;
  return [...floors.keys()].filter((xid) => isRestored || later.sees(xid));
}

function lowest(first: bigint, others: readonly bigint[]): bigint {
  return others.reduce((low, each) => (each < low ? each : low), first);
}
