import { OrderNumber } from '../../../../src/kernel/domain/order-number.js';
import type { Random } from '../../support/random.js';

/** What UTF-8, PostgreSQL or argon2 cannot hold, as JSON writes it. */
const POISON = ['"\\u0000"', '"a\\u0000b"', '"\\ud800"', '"\\udc00\\ud83d"', '"a\0b"'];

/** JSON string tokens, a line each: half of them cannot be written by JSON.stringify. */
const STRINGS = [
  ...String.raw`""
" "
"😀😀"
"\u202eevil"
"İıſK"
"\b\f\n\r\t\/\\\""
"\x41"
"unfinished
"' OR '1'='1' --"
"1; DROP TABLE users; --"
"\\'; SELECT pg_sleep(9); --"
"<script>alert(1)</script>"
"<!ENTITY x SYSTEM \"file:///etc/passwd\">"
"{{7*7}}"
"%s%s%n%00%0d%0aX-Injected: 1"
"../../../../etc/passwd"
"__proto__"
"constructor"
"null"
"NaN"
"12345678903"
"0"
"00"
"-18"
"1e2"
"１８"
" 12345678903\n"`.split('\n'),
  '"${jndi:ldap://127.0.0.1/x}"',
  '"é e\u0301"',
  '"\ufeff"',
  '"\ufffe\uffff"',
  '"raw\u0001control"',
  '"raw\nnewline"',
];

const NUMBERS = [
  '0 -0 1 -1 0.01 0.001 0.1 1.005 1e2 1E+2 1e-2 1e309 -1e309 1e-400 5e-324 1e13 1e999999999',
  '10000000000000.01 9007199254740993 9999999999999.99 99999999999999999999999999999',
  '0.30000000000000004 1.0000000000000000000000001 01 +1 .5 1. 0x10 1_000 NaN Infinity 1e --1',
].flatMap((line) => line.split(' '));

const OTHERS = [
  '',
  ...'null true false [] {} [[]] {"a":1} [1,2] {"$ne":null} undefined'.split(' '),
];

/** All that is listed here: each is to be tried in each field at least once. */
export const LISTED_TOKENS: readonly string[] = [...POISON, ...STRINGS, ...NUMBERS, ...OTHERS];

/** A JSON string that may be right: long, short, of any script, or an order number. */
export function stringToken(random: Random): string {
  const long = (): string =>
    random
      .pick(['a', '9', '0', 'я', '😀', ' ', '\\', '"'])
      .repeat(random.pick([255, 256, 1000, 1001, 9000]));
  const codes = (): number[] =>
    Array.from({ length: random.integer(1, 20) }, () => random.integer(0, 0xffff));
  return random.one(
    [6, () => random.pick(STRINGS)],
    [2, () => random.pick(POISON)],
    [3, () => JSON.stringify(orderNumber(random))],
    [1, () => JSON.stringify(long())],
    [1, () => JSON.stringify(String.fromCharCode(...codes()))],
  );
}

/** Any JSON value, or what looks like one. */
export function anyToken(random: Random): string {
  return random.one(
    [50, () => stringToken(random)],
    [17, () => random.pick(NUMBERS)],
    [7, () => `${random.digits(random.integer(1, 16))}.${random.digits(random.integer(1, 4))}`],
    [1, () => random.digits(30_000)],
    [25, () => random.pick(OTHERS)],
  );
}

/** So many numbers are drawn again and again: with longer lists the service seemed to leak. */
const ORDERS = 300;

/** Valid by Luhn. Few are new after a while, which is when 200 and 409 come beside 202. */
export function orderNumber(random: Random): string {
  const isOdd = random.chance(0.02);
  const digits = isOdd
    ? random.digits(random.pick([1, 10, 15, 999]))
    : `${random.integer(0, ORDERS)}`;
  const { value } = OrderNumber.withCheckDigit(digits);
  return random.chance(0.02) ? `0${value}` : value;
}
