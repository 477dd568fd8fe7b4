import { isLosslessNumber, parse } from 'lossless-json';

/** Keys that reach an object's prototype where a parser or a library assigns them. */
const DANGEROUS_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * The most braces, brackets, colons and commas that a body may have outside its strings. A request
 * has four of them; the rest is what a client sends besides. Their number is what makes JSON dear:
 * 64 KB of keys cost twenty times as much as one string of 64 KB.
 */
const MAX_SIGNS = 500;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const BRACE = 0x7b;

/** The text is not JSON, or JSON that two readers could understand differently. */
export class AmbiguousJson extends Error {}

/**
 * Parses JSON that can mean one thing only; numbers stay `LosslessNumber`, the digits that were
 * sent.
 *
 * @throws AmbiguousJson for bad syntax, a key twice in one object (the same value too), `__proto__`
 * and its like, NUL or half a surrogate pair in a string: all of them legal JSON that a database, a
 * log or the next parser reads otherwise. Also for JSON of more than {@link MAX_SIGNS} signs,
 * before any of it is parsed.
 */
export function parseStrictJson(text: string): unknown {
  try {
    const keys = keysInText(text);
    const value = parse(text);
    if (checkKeys(value) !== keys) throw new AmbiguousJson('a key stands twice in one object');
    return value;
  } catch (error) {
    if (error instanceof SyntaxError) throw new AmbiguousJson(error.message);
    throw error;
  }
}

/**
 * lossless-json 4.3 lets a repeated key pass where both values are equal, so the keys in the text
 * are counted too.
 */
function keysInText(text: string): number {
  let keys = 0;
  let signs = 0;
  for (let i = 0; i < text.length; i++) {
    const sign = text.charCodeAt(i);
    if (sign === QUOTE) i = endOfString(text, i);
    else if (sign === COLON || sign === COMMA || sign === BRACE || sign === BRACKET) {
      if (++signs > MAX_SIGNS)
        throw new AmbiguousJson(`the JSON has more than ${MAX_SIGNS} keys and elements`);
      if (sign === COLON) keys++;
    }
  }
  return keys;
}

/** @param start where its first quotation mark stands. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) return i;
    if (code === BACKSLASH) i++;
  }
  return text.length;
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
