const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * An exact decimal number: `(-1 if negative) × digits × 10^exponent`, digits without leading or
 * trailing zeros.
 */
export interface Decimal {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

/**
 * Reads a decimal from text: a JSON number token or a `numeric` column, never a JavaScript number,
 * which has lost `1e309` and turned `1.005` into 1.00499999999999989 before anyone could look.
 *
 * @returns undefined when the text is not a decimal number; zero has `digits` `''`. Costs the
 * length of the text, whatever the exponent says: `1e999999999` is never written out.
 */
export function readDecimal(text: string): Decimal | undefined {
  const match = DECIMAL.exec(text);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', power = '0'] = match;
  const significant = (whole + fraction).replace(/^0+/, '');
  const digits = withoutZerosAtEnd(significant);
  return {
    negative: sign === '-',
    digits,
    exponent: Number(power) - fraction.length + (significant.length - digits.length),
  };
}

/** Not by a pattern: it is tried at each zero of the text, and 64 KB of them took seven seconds. */
function withoutZerosAtEnd(text: string): string {
  let end = text.length;
  while (text[end - 1] === '0') end--;
  return text.slice(0, end);
}
