import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { Random } from '../../support/random.js';
import type { Schema } from '../api-document.js';
import type { Header } from './request.js';
import { anyToken, orderNumber, stringToken } from './texts.js';

/** A value that the schema allows, as JSON text. */
export function soundValue(schema: Schema, random: Random): string {
  const { type, example = 1, maximum = 1 } = schema;
  if (type === 'object') return print(fieldsOf(schema, random));
  if (type === 'string') return JSON.stringify(soundString(schema, random));
  if (type !== 'number') return 'null';
  return random.pick([
    ...'1 0.01 0.1 1e1 12.50 100 1000000'.split(' '),
    `${example}`,
    `${maximum}`,
  ]);
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
  const fields = fieldsOf(schema, random);
  return fields.map(([victim]) =>
    print(fields.map(([name, value]) => [name, name === victim ? token : value])),
  );
}

type Field = readonly [name: string, value: string];

/** Names and values as JSON tokens. */
function fieldsOf({ properties = {} }: Schema, random: Random): Field[] {
  return Object.entries(properties).map(([name, each]) => [
    JSON.stringify(name),
    soundValue(each, random),
  ]);
}

function print(fields: readonly Field[]): string {
  return `{${fields.map(([name, value]) => `${name}:${value}`).join(',')}}`;
}

const POISONED = ['__proto__', 'constructor', 'prototype', 'toString', 'then', 'hasOwnProperty'];

/** A body of the schema, and then something wrong with it. */
export function unsoundValue(schema: Schema, random: Random): string {
  const fields = schema.type === 'object' ? fieldsOf(schema, random) : [];
  const [victim] = random.shuffled(fields);
  if (!victim) return anyToken(random);
  const [name, value] = victim;
  const others = fields.filter((each) => each !== victim);
  // "sum" as "\u0073um": the same key to a parser, another to a regular expression.
  const escaped = `"\\u00${name.charCodeAt(1).toString(16)}${name.slice(2)}`;
  const any = (): string => anyToken(random);
  const twice = (): Field => [random.pick([name, escaped]), random.pick([value, any()])];
  const spaced = (): string => `\r\n\t ${print(fields).replaceAll(':', ' \n: ')} `;
  return random.one(
    [10, () => print([...others, [name, any()]])],
    [2, () => print(others)],
    [2, () => print([...fields, twice()])],
    [2, () => print([...fields, [stringToken(random), any()]])],
    [2, () => print([[JSON.stringify(random.pick(POISONED)), any()], ...fields])],
    [1, () => print([...fields, ['"deep"', nested(random)]])],
    [1, () => print([...fields, ...junk(random)])],
    [1, () => `[${print(fields)}]`],
    [3, () => broken(print(fields), random)],
    [1, () => spaced().repeat(random.pick([1, 1, 2]))],
    [1, () => print([...others, [name.toUpperCase(), value]])],
  );
}

function junk(random: Random): Field[] {
  const count = random.pick([50, 500, 6_000]);
  return Array.from({ length: count }, (_, i) => [`"j${i}"`, '0']);
}

function nested(random: Random): string {
  const depth = random.pick([10, 1_000, 5_000, 9_000, 30_000]);
  const closed = random.pick([depth, depth, 0]);
  return random.chance(0.5)
    ? `${'['.repeat(depth)}${']'.repeat(closed)}`
    : `${'{"a":'.repeat(depth / 5)}1${'}'.repeat(closed / 5)}`;
}

function broken(text: string, random: Random): string {
  const at = random.integer(0, text.length);
  const garbage = (): string =>
    random.pick(['\0', '}', '{', '"', ',', '\\', '\u2028', '//', 'x', '😀']);
  return random.one(
    [3, () => text.slice(0, at)],
    [3, () => text.slice(0, at) + garbage() + text.slice(at)],
    [1, () => text + text],
    [1, () => `${text} // why not`],
    [1, () => text.replaceAll('"', "'")],
    [1, () => text.replace(/}$/, ',}')],
    [1, () => `\ufeff${text}`],
  );
}

/** A body as bytes, and what the request says of them. */
interface Encoded {
  readonly body: Buffer;
  readonly headers: readonly Header[];
  /** Beyond what a body may have, as sent or unpacked. */
  readonly oversized?: boolean;
}

let spaces: Buffer | undefined;

/** Unpacks to 64 MB, a thousand times what a body may have; made once, for that takes 200 ms. */
function packedSpaces(): Buffer {
  return (spaces ??= gzipSync(Buffer.alloc(64 * 2 ** 20, ' ')));
}

const UNKNOWN = ['zstd', 'gzip, gzip', 'identity, gzip', '*', ';', 'x'.repeat(500), '__proto__'];

/** Text on its way into bytes, rightly or not. */
export function encode(text: string, random: Random): Encoded {
  const plain = Buffer.from(text);
  const zipped = gzipSync(plain);
  const as = (encoding: string, body: Buffer): Encoded => {
    return { body, headers: [['Content-Encoding', encoding]] };
  };
  const inCharset = (body: Buffer): Encoded => ({ body, headers: [] });
  const huge = (): Buffer =>
    Buffer.alloc(random.pick([65_537, 300_000, 2_000_000]), random.pick([' ', ' ', '1', '\0']));
  return random.one<Encoded>(
    [70, () => inCharset(plain)],
    [10, () => as(random.pick(['gzip', 'GZIP', 'x-gzip']), zipped)],
    [2, () => as('gzip', zipped.subarray(0, random.integer(0, 20)))],
    [2, () => as('gzip', plain)],
    [2, () => as('deflate', deflateSync(plain))],
    [2, () => as('br', brotliCompressSync(plain))],
    [2, () => as(random.pick(UNKNOWN), plain)],
    // White space after a good value: a service that unpacks all of it may accept it.
    [1, () => ({ ...as('gzip', Buffer.concat([zipped, packedSpaces()])), oversized: true })],
    [1, () => as('gzip', Buffer.concat([zipped, zipped]))],
    [1, () => inCharset(Buffer.from(text, 'utf16le'))],
    [1, () => inCharset(Buffer.from(text, 'latin1'))],
    [1, () => inCharset(Buffer.concat([plain, Buffer.from([0xff, 0xc3])]))],
    [1, () => ({ body: Buffer.concat([plain, huge()]), headers: [], oversized: true })],
  );
}
