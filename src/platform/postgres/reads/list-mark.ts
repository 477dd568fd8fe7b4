/*
 * A list of orders that have a certain status is that of one moment (ADR 0044): otherwise those
 * that get another status while somebody pages through it would be missed. The position of each
 * line carries the mark of that moment: the time, and the snapshot of the statement that read the
 * first page. It reads `<place>~<microseconds>~<snapshot>`.
 */

/** Every transaction of the service has ended after so long. */
const LONGEST_TRANSACTION = `interval '30 seconds'`;

/** The place in the list, without the mark, of the position `r.after`. */
export const PLACE = `split_part(r.after, '~', 1)`;

/**
 * The `mark` of the query `r` as text, and what it says: `marked_at`, the `snapshot`, and
 * `changed_after`, since when every change was made that the snapshot does not show. On a first
 * page these are NULL: nothing has changed since.
 */
export const MARK = `(
  SELECT '~' || (extract(epoch FROM clock_timestamp()) * 1e6)::bigint || '~'
      || pg_current_snapshot() AS mark,
    NULL::timestamptz AS marked_at, NULL::timestamptz AS changed_after,
    NULL::pg_snapshot AS snapshot, 0::bigint AS next_xid
  WHERE r.after IS NULL
  UNION ALL
  SELECT mark, marked_at, marked_at - ${LONGEST_TRANSACTION}, split_part(mark, '~', 3)::pg_snapshot,
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint
  FROM (
    SELECT substr(r.after, strpos(r.after, '~')) AS mark, timestamptz 'epoch'
      + split_part(r.after, '~', 2)::bigint * interval '1 microsecond' AS marked_at
    WHERE r.after IS NOT NULL
  ) given
)`;

/**
 * Whether the snapshot of the bounds `b` shows this row as it is now. A row knows the lower half
 * of the id of the transaction that wrote it; the upper half is that of the ids that are given out
 * now.
 */
export function wasSeen(row: string): string {
  return `pg_visible_in_snapshot((
    b.next_xid - ((b.next_xid - ${row}.xmin::text::bigint) & 4294967295)
  )::text::xid8, b.snapshot)`;
}

const MARKED = /^([^~]+)~\d{1,17}~([1-9]\d{0,18}):([1-9]\d{0,18}):((?:\d{1,19}(?:,(?!$)|$))*)$/;

/** Whether a text is a place of the list with a mark. */
export function isMarked(text: string, isPlace: (text: string) => boolean): boolean {
  const [, place = '', xmin = '', xmax = '', open = ''] = MARKED.exec(text) ?? [];
  if (!isPlace(place)) return false;
  const ids = [xmin, ...open.split(','), xmax].filter((each) => each !== '').map(BigInt);
  // As PostgreSQL wants it: none is lower than the one before, and the last is above those listed.
  const isListed = open !== '' && ids.at(-1) === ids.at(-2);
  return !isListed && ids.every((id, i) => i === 0 || (ids[i - 1] ?? 0n) <= id);
}
