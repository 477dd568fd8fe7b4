import type { DifferenceKind, Facts } from '../domain/difference.js';

/** What a {@link comparison} selects: the facts, and what is wrong with them. */
export type ComparedRow = Facts & { readonly kinds: readonly DifferenceKind[] };

export interface Comparison {
  /** Select list, with the names that the sentences of the kinds use. */
  readonly facts: string;
  readonly from: string;
  /**
   * When a row is a difference of a kind. Any value may be NULL: the books may come from a restore
   * without constraints.
   */
  readonly wrong: Readonly<Partial<Record<DifferenceKind, string>>>;
}

/**
 * One statement that reads the rows once and selects those that are wrong in any way, each with all
 * that is wrong with it.
 */
export function comparison({ facts, from, wrong }: Comparison): string {
  const cases = Object.entries(wrong).map(
    ([kind, condition]) => `CASE WHEN ${condition} THEN '${kind}' END`,
  );
  return `
    SELECT * FROM (
      SELECT ${facts}, array_remove(ARRAY[${cases.join(', ')}], NULL) AS kinds FROM ${from}
    ) AS compared WHERE kinds <> '{}'`;
}

/**
 * The database's clock may have been set back by this much since, and the clock of a replica that
 * stamps its rows itself, one of an earlier version, may be ahead by it: the times still count as
 * right.
 */
export const FROM_THE_FUTURE = `> now() + interval '5 minutes'`;

/** A time as people and JSON have it. */
export function utc(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}
