import { Cursor, type Range } from '../../../src/journal/domain/cursor.js';
import { Mark } from '../../../src/journal/domain/mark.js';
import { DatabaseUnavailable } from '../../../src/kernel/application/persistence-errors.js';
import { LiveJournal, type LivePage } from '../../../src/live/application/ports.js';
import type { LiveEvent } from '../../../src/live/domain/live-event.js';

interface Row {
  readonly xid: bigint;
  readonly position: bigint;
}

/**
 * A database as a reader of the journal sees it: ids of transactions and positions rise, and
 * somebody else's transactions take ids, too.
 */
export class PlayedJournal {
  readonly rows: Row[] = [];
  readonly #open = new Map<bigint, Row[]>();
  #nextXid = 100n;
  #lastEnded = 99n;
  #nextPosition = 1n;

  begin(): bigint {
    const xid = this.#nextXid++;
    this.#open.set(xid, []);
    return xid;
  }

  write(xid: bigint): bigint {
    const position = this.#nextPosition++;
    this.#open.get(xid)?.push({ xid, position });
    return position;
  }

  /** As transactions do that are rolled back. */
  usePositions(count: bigint): void {
    this.#nextPosition += count;
  }

  commit(xid: bigint): void {
    this.rows.push(...(this.#open.get(xid) ?? []));
    this.rollBack(xid);
  }

  rollBack(xid: bigint): void {
    this.#open.delete(xid);
    if (xid > this.#lastEnded) this.#lastEnded = xid;
  }

  get open(): bigint[] {
    return [...this.#open.keys()];
  }

  /** As PostgreSQL's snapshots are: what is above all that have ended is not listed. */
  mark(restored = 0n): Mark {
    const xmax = this.#lastEnded + 1n;
    const listed = this.open.filter((xid) => xid < xmax);
    const top = this.rows.reduce((high, row) => (row.position > high ? row.position : high), 0n);
    const snapshot = `${listed[0] ?? xmax}:${xmax}:${listed.join()}`;
    return Mark.ofStatement(snapshot, Number(this.#nextXid - xmax), top, restored);
  }

  read({ after, to, until, seenTop, ended }: Range, limit: number): Row[] {
    return this.rows
      .filter(({ position }) => position > after && position <= to)
      .filter(({ position, xid }) => position <= until.restored || until.sees(xid))
      .filter(({ position, xid }) => position > seenTop || ended.includes(xid))
      .sort((a, b) => Number(a.position - b.position))
      .slice(0, limit);
  }
}

/** A reader as the subscription is one. It may be stopped at any step and begin again. */
export class PlayedReader {
  readonly got: bigint[] = [];

  constructor(
    private readonly database: PlayedJournal,
    public cursor: Cursor,
  ) {}

  /** Reads one page, of the difference under way or of the next one. */
  page(limit = 1_000): void {
    if (this.cursor.isAtEnd) this.cursor = this.cursor.next(this.database.mark());
    const { range } = this.cursor;
    if (!range) return;
    const rows = this.database.read(range, limit);
    this.got.push(...rows.map(({ position }) => position));
    const last = rows.length < limit ? undefined : rows.at(-1);
    this.cursor = Cursor.restore(this.cursor.readTo(last?.position ?? range.to).toSnapshot());
  }

  all(limit?: number): bigint[] {
    do this.page(limit);
    while (!this.cursor.isAtEnd);
    return this.got;
  }
}

/** The journal of a played database, in which odd positions are Ann's. */
export class PlayedLiveJournal extends LiveJournal {
  /** Which call from now on fails; 0: none. */
  failsAt = 0;
  /** How many calls to read fail from now on. */
  failingReads = 0;
  isAway = false;
  /** How many positions each call to read has searched. */
  readonly searched: bigint[] = [];

  constructor(readonly database: PlayedJournal) {
    super();
  }

  async mark(): Promise<Mark> {
    this.#fail();
    return Promise.resolve(this.database.mark());
  }

  async read(range: Range, users: readonly string[], limit: number): Promise<LivePage> {
    this.#fail();
    if (this.failingReads > 0 && this.failingReads-- > 0) throw new DatabaseUnavailable('too slow');
    this.searched.push(range.to - range.after);
    const rows = this.database.read(range, Math.min(limit, 3));
    const events = rows.map(({ position }): LiveEvent => {
      const userId = position % 2n === 1n ? 'ann' : 'bob';
      return { position, userId, type: 'order_updated', data: '{}' };
    });
    const last = rows.length < 3 ? undefined : rows.at(-1);
    return Promise.resolve({
      events: events.filter(({ userId }) => users.includes(userId)),
      to: last?.position ?? range.to,
    });
  }

  onCommit(): void {
    return undefined;
  }

  #fail(): void {
    if (this.isAway) throw new DatabaseUnavailable('away');
    if (this.failsAt > 0 && --this.failsAt === 0) throw new DatabaseUnavailable('played');
  }
}
