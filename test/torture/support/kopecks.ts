import { parse } from 'lossless-json';

/**
 * Sums as the tests count them, apart from the service's own Money: a mistake in one must not hide
 * in the other.
 */
export type Kopecks = bigint;

/**
 * Reads a sum of the API or of a `numeric(20,2)` column. @throws Error for anything but a plain
 * decimal of at most two decimals.
 */
export function readKopecks(text: string): Kopecks {
  const match = /^(-?)(\d+)(?:\.(\d{1,2}))?$/.exec(text);
  if (!match) throw new Error(`${text} is not a sum of at most two decimals`);
  const [, sign, whole = '', cents = ''] = match;
  const kopecks = BigInt(whole + cents.padEnd(2, '0'));
  return sign === '-' ? -kopecks : kopecks;
}

/** Reads JSON, each number in it as kopecks. @throws Error as {@link readKopecks}. */
export function readJson(text: string): unknown {
  return parse(text, undefined, readKopecks);
}

/** Always with two decimals: `-0.05`, `500.00`. */
export function printKopecks(kopecks: Kopecks): string {
  const digits = (kopecks < 0n ? -kopecks : kopecks).toString().padStart(3, '0');
  return `${kopecks < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

export function sum(all: Iterable<Kopecks>): Kopecks {
  let total = 0n;
  for (const each of all) total += each;
  return total;
}
