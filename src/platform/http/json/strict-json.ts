import { isLosslessNumber, parse } from 'lossless-json';

/** Keys that reach an object's prototype where a parser or a library assigns them. */
const DANGEROUS_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** The text is not JSON, or JSON that two readers could understand differently. */
export class AmbiguousJson extends Error {}

/**
 * Parses JSON that can mean one thing only; numbers stay `LosslessNumber`, the digits that were
 * sent.
 *
 * @throws AmbiguousJson for bad syntax, a key twice in one object (the same value too), `__proto__`
 * and its like, NUL or half a surrogate pair in a string: all of them legal JSON that a database, a
 * log or the next parser reads otherwise.
 */
export function parseStrictJson(text: string): unknown {
  try {
    const value = parse(text);
    if (checkKeys(value) !== keysInText(text))
      throw new AmbiguousJson('a key stands twice in one object');
    return value;
  } catch (error) {
    if (error instanceof SyntaxError) throw new AmbiguousJson(error.message);
    // Nested so deep that the stack ran out, in the parser or in the check.
    if (error instanceof RangeError) throw new AmbiguousJson('the JSON is nested too deep');
    throw error;
  }
}

/**
 * lossless-json 4.3 lets a repeated key pass where both values are equal, so the keys in the text
 * are counted too.
 */
function keysInText(text: string): number {
  let keys = 0;
  for (const [, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"[ \t\r\n]*(:)?/g)) {
    if (colon) keys++;
  }
  return keys;
}

/** How many keys the value has in all its objects. */
function checkKeys(value: unknown): number {
  if (typeof value === 'string') {
    if (value.includes('\0') || !value.isWellFormed())
      throw new AmbiguousJson('NUL or half a surrogate pair in a string');
    return 0;
  }
  if (typeof value !== 'object' || value === null || isLosslessNumber(value)) return 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + checkKeys(each), 0);
  return Object.entries(value).reduce((sum, [key, each]) => {
    if (DANGEROUS_KEYS.has(key)) throw new AmbiguousJson(`${key} is not a key`);
    checkKeys(key);
    return sum + 1 + checkKeys(each);
  }, 0);
}
