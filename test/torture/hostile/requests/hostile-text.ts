import { OrderNumber } from '../../../../src/kernel/domain/order-number.js';
import type { Random } from '../../support/random.js';

/** What UTF-8, PostgreSQL or argon2 cannot hold. */
const POISON_TOKENS = [
  '"\\u0000"',
  '"a\\u0000b"',
  '"\\ud800"',
  '"\\udc00\\ud83d"',
  '"a\0b"',
] as const;

/**
 * JSON string tokens, as they stand in a body: half of them cannot be written by JSON.stringify.
 */
const STRING_TOKENS = [
  '""',
  '" "',
  '"😀😀"',
  '"\\u202eevil"',
  '"İıſK"',
  '"é e\u0301"',
  '"\ufeff"',
  '"\ufffe\uffff"',
  '"\\b\\f\\n\\r\\t\\/\\\\\\""',
  '"raw\u0001control"',
  '"raw\nnewline"',
  '"\\x41"',
  '"unfinished',
  `"' OR '1'='1' --"`,
  `"1; DROP TABLE users; --"`,
  `"\\\\'; SELECT pg_sleep(9); --"`,
  '"<script>alert(1)</script>"',
  '"<!ENTITY x SYSTEM \\"file:///etc/passwd\\">"',
  '"${jndi:ldap://127.0.0.1/x}"',
  '"{{7*7}}"',
  '"%s%s%n%00%0d%0aX-Injected: 1"',
  '"../../../../etc/passwd"',
  '"__proto__"',
  '"constructor"',
  '"null"',
  '"NaN"',
  '"12345678903"',
  '"0"',
  '"00"',
  '"-18"',
  '"1e2"',
  '"１８"',
  '" 12345678903\\n"',
] as const;

const NUMBER_TOKENS = [
  '0',
  '-0',
  '1',
  '-1',
  '0.01',
  '0.001',
  '0.1',
  '1.005',
  '1e2',
  '1E+2',
  '1e-2',
  '1e309',
  '-1e309',
  '1e-400',
  '5e-324',
  '1e13',
  '1e999999999',
  '10000000000000.01',
  '9007199254740993',
  '9999999999999.99',
  '99999999999999999999999999999',
  '0.30000000000000004',
  '1.0000000000000000000000001',
  '01',
  '+1',
  '.5',
  '1.',
  '0x10',
  '1_000',
  'NaN',
  'Infinity',
  '1e',
  '--1',
] as const;

const OTHER_TOKENS = [
  'null',
  'true',
  'false',
  '[]',
  '{}',
  '[[]]',
  '{"a":1}',
  '[1,2]',
  'undefined',
  '',
  '{"$ne":null}',
  '{"value":"1"}',
] as const;

/** All that is listed here: each is to be tried in each field at least once. */
export const LISTED_TOKENS: readonly string[] = [
  ...POISON_TOKENS,
  ...STRING_TOKENS,
  ...NUMBER_TOKENS,
  ...OTHER_TOKENS,
];

/** A JSON string that may be right: long, short, of any script, or an order number. */
export function stringToken(random: Random): string {
  switch (random.weighted({ listed: 6, poison: 2, number: 3, long: 1, random: 1 })) {
    case 'listed':
      return random.pick(STRING_TOKENS);
    case 'poison':
      return random.pick(POISON_TOKENS);
    case 'number':
      return JSON.stringify(orderNumber(random));
    case 'long':
      return JSON.stringify(
        random
          .pick(['a', '9', '0', 'я', '😀', ' ', '\\', '"'])
          .repeat(random.pick([255, 256, 1000, 1001, 9000])),
      );
    case 'random':
      return JSON.stringify(
        String.fromCharCode(
          ...Array.from({ length: random.integer(1, 20) }, () => random.integer(0, 0xffff)),
        ),
      );
  }
}

export function numberToken(random: Random): string {
  if (random.chance(0.7)) return random.pick(NUMBER_TOKENS);
  const [whole, decimals] = [
    random.digits(random.integer(1, 16)),
    random.digits(random.integer(0, 4)),
  ];
  return random.chance(0.02) ? random.digits(30_000) : `${whole}${decimals && `.${decimals}`}`;
}

export function otherToken(random: Random): string {
  return random.pick(OTHER_TOKENS);
}

/**
 * So many numbers are drawn again and again: lists that grew by thousands of rows made the service
 * look as if it leaked.
 */
const NUMBERS = 300;

/** Valid by Luhn. Few are new after a while, which is when 200 and 409 come up beside 202. */
export function orderNumber(random: Random): string {
  const digits = random.chance(0.02)
    ? random.digits(random.pick([1, 10, 15, 999]))
    : String(random.integer(0, NUMBERS));
  const { value } = OrderNumber.withCheckDigit(digits);
  return random.chance(0.02) ? `0${value}` : value;
}
