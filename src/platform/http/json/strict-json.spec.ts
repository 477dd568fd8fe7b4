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

function outcomeOf(text: string): string {
  try {
    parseStrictJson(text);
    return 'parsed';
  } catch (error) {
    return (error as Error).constructor.name;
  }
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
        fc.array(tie('value')),
        fc.dictionary(key, tie('value'), { noNullPrototype: true }),
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

  it.each(['[', '{"a":'])(
    'refuses what is nested too deep for it, whatever the depth of %s',
    (open) => {
      const close = open === '[' ? ']' : '}';
      const outcomes = [
        10, 100, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 8_000, 10_000, 16_000, 30_000,
      ].map((depth) => outcomeOf(`${open.repeat(depth)}1${close.repeat(depth)}`));
      expect(outcomes.slice(0, 3)).toEqual(['parsed', 'parsed', 'parsed']);
      expect(outcomes.filter((each) => each !== 'parsed' && each !== AmbiguousJson.name)).toEqual(
        [],
      );
      expect(outcomes.at(-1)).toBe(AmbiguousJson.name);
    },
  );
});
