import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LosslessNumber } from 'lossless-json';
import { AmbiguousJson, parseStrictJson } from './strict-json.js';

/** Every number of the value as `JSON.parse` reads it. */
function withPlainNumbers(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, each: unknown) =>
      each instanceof LosslessNumber ? { number: each.value } : each,
    ),
    (_, each: unknown) =>
      typeof each === 'object' && each !== null && 'number' in each
        ? Number((each as { number: string }).number)
        : each,
  );
}

describe(parseStrictJson, () => {
  it('reads what JSON.parse reads', () => {
    const key = fc
      .string()
      .filter(
        (each) =>
          !['__proto__', 'constructor', 'prototype', 'number'].includes(each) &&
          !each.includes('\0'),
      );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.boolean(),
        fc.constant(null),
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => each + 0),
        fc.string({ unit: 'grapheme' }).filter((each) => !each.includes('\0')),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(key, tie('value'), { noNullPrototype: true, maxKeys: 3 }),
      ),
    }));
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 2, '\t'), (each, indent) => {
        const text = JSON.stringify(each, null, indent);
        expect(withPlainNumbers(parseStrictJson(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('keeps the digits of a number as they were sent', () => {
    expect(parseStrictJson('{"sum":751.10,"huge":1e309}')).toEqual({
      sum: new LosslessNumber('751.10'),
      huge: new LosslessNumber('1e309'),
    });
  });

  it.each([
    '{"sum":1,"sum":2}',
    '{"sum":1,"sum":1}',
    '{"sum":1,"\\u0073um":1}',
    '{"a":{"b":1,"b":1}}',
    '[{"a":"x","a":"x"}]',
    '{"__proto__":{"sum":1}}',
    '{"a":{"__proto__":1}}',
    '{"constructor":{"prototype":{"sum":1}}}',
    '{"prototype":1}',
    '{"a":"\\u0000"}',
    '{"\\u0000":1}',
    '{"a":"\\ud800"}',
    '{"a":"\\udc00\\ud800"}',
    '["\\ud83d"]',
  ])('refuses %s, which two readers could read differently', (text) => {
    expect(() => parseStrictJson(text)).toThrow(AmbiguousJson);
  });

  it.each([
    '',
    ' ',
    '{',
    '{"a":1,}',
    "{'a':1}",
    '{a:1}',
    '[1,2',
    'NaN',
    '01',
    '1.',
    '"',
    '\ufeff{}',
    '{}{}',
    'undefined',
    '<html>',
  ])('refuses %j, which is not JSON', (text) => {
    expect(() => parseStrictJson(text)).toThrow(AmbiguousJson);
  });

  it.each([
    '{"a":"b:c","d":"\\":"}',
    '{"a":"\\"b\\":"}',
    '{"a" : 1 , "b"\n:\t2}',
    '{"":1}',
    '{"a":["x:","y:"]}',
    '"😀"',
  ])('is not misled by %s', (text) => {
    expect(withPlainNumbers(parseStrictJson(text))).toEqual(JSON.parse(text));
  });

  it.each([
    ['keys', (n: number) => `{${Array.from({ length: n / 2 }, (_, i) => `"k${i}":1`).join()}}`],
    ['elements', (n: number) => `[${'1,'.repeat(n - 1)}1]`],
    ['objects', (n: number) => `[${'{},'.repeat(n / 2)}1]`.replace(/,1]$/, ']')],
    ['levels of arrays', (n: number) => `${'['.repeat(n)}${']'.repeat(n)}`],
    ['levels of objects', (n: number) => `${'{"":'.repeat(n / 2)}1${'}'.repeat(n / 2)}`],
  ])('reads 500 signs of structure and not one more: %s', (_, write) => {
    expect(() => parseStrictJson(write(500))).not.toThrow();
    // The text is looked at no further: what follows is not JSON at all.
    for (const more of [write(502), `${write(500).slice(0, -1)},:,:${'x'.repeat(60_000)}`])
      expect(() => parseStrictJson(more)).toThrow('more than 500 keys and elements');
  });

  it('does not count what stands in a string', () => {
    const text = JSON.stringify({ a: '{[:,"\\'.repeat(10_000) });
    expect(parseStrictJson(text)).toEqual(JSON.parse(text));
  });
});
