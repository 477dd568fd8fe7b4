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
  /** Above all transaction ids that had been given out. */
  readonly nextXid: bigint;
  /** Transactions with an id that had not ended; their events were not seen. */
  readonly open: ReadonlySet<bigint>;

  /**
   * @param snapshot in PostgreSQL's form, `xmin:xmax:xip,…`. It lists all that are open, see
   * {@link ofStatement}.
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

  /**
   * PostgreSQL's own `xmax` is the first id above all that have *ended*. Those above it that are
   * open are not listed, and may have written.
   *
   * @param snapshot as `pg_current_snapshot()` has it.
   * @param given how many ids had been given out from its `xmax` on, or a few more.
   */
  static ofStatement(snapshot: string, given: number, top: bigint, restored: bigint): Mark {
    const [xmin = '', xmax = '', open = ''] = snapshot.split(':');
    const unlisted = Array.from({ length: given }, (_, i) => String(BigInt(xmax) + BigInt(i)));
    const all = [...(open === '' ? [] : [open]), ...unlisted].join();
    return new Mark(`${xmin}:${BigInt(xmax) + BigInt(given)}:${all}`, top, restored);
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

  /** Whether `later` comes from a database that has forgotten what this one saw. */
  isAheadOf(later: Mark): boolean {
    if (later.restored > this.restored) return false;
    return later.nextXid < this.nextXid || later.top < this.top;
  }

  toSnapshot(): MarkSnapshot {
    const { snapshot, top, restored } = this;
    return { snapshot, top: String(top), restored: String(restored) };
  }
}
