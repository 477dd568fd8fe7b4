/** Of an even count, the mean of the middle two. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return NaN;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? at(sorted, middle)
    : (at(sorted, middle - 1) + at(sorted, middle)) / 2;
}

/** The i-th of one list by the i-th of the other: rounds of one pair met the same weather. */
export function ratios(numerators: readonly number[], denominators: readonly number[]): number[] {
  return numerators.map((numerator, i) => numerator / at(denominators, i));
}

function at(values: readonly number[], i: number): number {
  return values[i] ?? NaN;
}
