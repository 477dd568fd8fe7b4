/** A mark as it is stored: numbers of 64 bits as text. */
export interface MarkSnapshot {
  readonly snapshot: string;
  readonly top: string;
  readonly restored: string;
}

/**
 * What one statement of the database saw of the journal: the events of which transactions, and up
 * to which position.
 *
 * Positions alone say nothing: a transaction may take position 7 and commit after the one that took
 * position 8. Its id tells whether a statement saw its events.
 */
export class Mark {
  /** The first transaction id that was not given out yet. */
  readonly nextXid: bigint;
  /** Transactions with an id that had not ended; their events were not seen. */
  readonly open: ReadonlySet<bigint>;

  /**
   * @param snapshot of PostgreSQL, as `pg_current_snapshot()` writes it: `xmin:xmax:xip,…`.
   * @param top the highest position that it saw; 0 where there was none.
   * @param restored events up to this position came with a restored dump: their transaction ids are
   * of another server and mean nothing here.
   */
  constructor(
    readonly snapshot: string,
    readonly top: bigint,
    readonly restored: bigint,
  ) {
    const [, xmax = '', open = ''] = snapshot.split(':');
    this.nextXid = BigInt(xmax);
    this.open = new Set(open === '' ? [] : open.split(',').map(BigInt));
  }

  static restore({ snapshot, top, restored }: MarkSnapshot): Mark {
    return new Mark(snapshot, BigInt(top), BigInt(restored));
  }

  /** A mark to begin behind: what stands above `top` is new, whoever wrote it. */
  static before(top: bigint, restored: bigint): Mark {
    return new Mark('1:1:', top, restored);
  }

  /** Whether it saw what this transaction had written. */
  sees(xid: bigint): boolean {
    return xid < this.nextXid && !this.open.has(xid);
  }

  /** Whether `other` comes from a database that has forgotten transactions which this one saw. */
  isAheadOf(other: Mark): boolean {
    return other.restored === this.restored && other.nextXid < this.nextXid;
  }

  toSnapshot(): MarkSnapshot {
    const { snapshot, top, restored } = this;
    return { snapshot, top: String(top), restored: String(restored) };
  }
}
