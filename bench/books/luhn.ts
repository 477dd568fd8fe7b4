/**
 * Digits that are counted, in every number of the bench; what stands before them says who made it.
 */
const COUNTED = 8;

/**
 * An SQL expression for the order number that `prefix`, eight digits of the integer expression `n`,
 * and the check digit make. Arithmetic only: a million numbers take a second, by a function of text
 * ten.
 */
export function numberSql(prefix: number, n: string): string {
  const payload = `(${BigInt(prefix) * 10n ** BigInt(COUNTED)} + ${n})`;
  const places = Array.from({ length: COUNTED + String(prefix).length }, (_, place) => {
    const digit = `(${payload} / ${10n ** BigInt(place)} % 10)`;
    // Every second digit from the right is doubled, and its digits are added up: 7 makes 14 makes
    // 5.
    return place % 2 === 0 ? `${digit} * 2 % 10 + ${digit} / 5` : digit;
  });
  return `(${payload} || ((10 - (${places.join(' + ')}) % 10) % 10)::text)`;
}
