import type { Random } from '../../support/random.js';
import type { Schema } from '../document/api-document.js';
import { numberToken, orderNumber, otherToken, stringToken } from './hostile-text.js';

/** A value that the schema allows, as JSON text. */
export function soundValue(schema: Schema, random: Random): string {
  switch (schema.type) {
    case 'object': {
      const fields = Object.entries(schema.properties ?? {}).map(
        ([name, each]) => `${JSON.stringify(name)}:${soundValue(each, random)}`,
      );
      return `{${fields.join(',')}}`;
    }
    case 'number':
      return random.pick([
        '1',
        '0.01',
        '0.1',
        '1e1',
        '12.50',
        '100',
        '1000000',
        String(schema.example ?? 1),
        String(schema.maximum ?? 1),
      ]);
    case 'string':
      return JSON.stringify(soundString(schema, random));
    default:
      return 'null';
  }
}

/** What a plain-text body may be. */
export function soundString(
  { pattern, minLength = 1, maxLength = 40, example }: Schema,
  random: Random,
): string {
  if (random.chance(0.1) && typeof example === 'string') return example;
  if (pattern !== undefined) return orderNumber(random);
  return `gopher ${random.digits(12)}`.slice(0, Math.max(minLength, Math.min(maxLength, 40)));
}

/** A good body with `token` in the place of one field's value, for every field. */
export function withEachField(schema: Schema, token: string, random: Random): string[] {
  const fields = Object.entries(schema.properties ?? {});
  return fields.map(([victim]) => {
    const print = ([name, each]: [string, Schema]): string =>
      `${JSON.stringify(name)}:${name === victim ? token : soundValue(each, random)}`;
    return `{${fields.map(print).join(',')}}`;
  });
}

/** A body of the schema, and then something wrong with it. */
export function unsoundValue(schema: Schema, random: Random): string {
  if (schema.type !== 'object') return anyToken(random);
  const fields = Object.entries(schema.properties ?? {}).map(
    ([name, each]) => [JSON.stringify(name), soundValue(each, random)] as [string, string],
  );
  const [victim] = random.shuffled(fields);
  if (!victim) return anyToken(random);
  const [name, value] = victim;
  const others = fields.filter((each) => each !== victim);
  const print = (list: readonly (readonly [string, string])[]): string =>
    `{${list.map(([key, each]) => `${key}:${each}`).join(',')}}`;
  switch (
    random.weighted({
      value: 10,
      missing: 2,
      twice: 2,
      extra: 2,
      poisoned: 2,
      deep: 1,
      wrapped: 1,
      broken: 3,
      spaced: 1,
      renamed: 1,
    })
  ) {
    case 'value':
      return print([...others, [name, anyToken(random)]]);
    case 'missing':
      return print(others);
    case 'twice':
      return print([
        ...fields,
        [random.chance(0.5) ? name : escaped(name), random.chance(0.5) ? value : anyToken(random)],
      ]);
    case 'extra':
      return print([...fields, [stringToken(random), anyToken(random)]]);
    case 'poisoned':
      return print([
        [
          random.pick([
            '"__proto__"',
            '"constructor"',
            '"prototype"',
            '"toString"',
            '"then"',
            '"hasOwnProperty"',
          ]),
          anyToken(random),
        ],
        ...fields,
      ]);
    case 'deep':
      return print([...fields, ['"deep"', nested(random)]]);
    case 'wrapped':
      return `[${print(fields)}]`;
    case 'broken':
      return broken(print(fields), random);
    case 'spaced':
      return `\r\n\t ${print(fields).replaceAll(':', ' \n: ')} `.repeat(random.pick([1, 1, 2]));
    case 'renamed':
      return print([...others, [name.toUpperCase(), value]]);
  }
}

function anyToken(random: Random): string {
  return random.pick([stringToken, stringToken, numberToken, otherToken])(random);
}

/** `"sum"` as `"\u0073um"`: the same key to a parser, another to a regular expression. */
function escaped(name: string): string {
  return `"\\u00${name.charCodeAt(1).toString(16)}${name.slice(2)}`;
}

function nested(random: Random): string {
  const depth = random.pick([10, 1_000, 5_000, 9_000, 30_000]);
  return random.chance(0.5)
    ? `${'['.repeat(depth)}${']'.repeat(random.pick([depth, depth, 0]))}`
    : `${'{"a":'.repeat(depth / 5)}1${'}'.repeat(depth / 5)}`;
}

function broken(text: string, random: Random): string {
  const at = random.integer(0, text.length);
  switch (
    random.weighted({ cut: 3, garbage: 3, twice: 1, comment: 1, quotes: 1, comma: 1, bom: 1 })
  ) {
    case 'cut':
      return text.slice(0, at);
    case 'garbage':
      return (
        text.slice(0, at) +
        random.pick(['\0', '}', '{', '"', ',', '\\', '\u2028', '//', 'x', '😀']) +
        text.slice(at)
      );
    case 'twice':
      return text + text;
    case 'comment':
      return `${text} // why not`;
    case 'quotes':
      return text.replaceAll('"', "'");
    case 'comma':
      return text.replace(/}$/, ',}');
    case 'bom':
      return `\ufeff${text}`;
  }
}
