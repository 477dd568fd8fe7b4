import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { Random } from '../../support/random.js';
import type { Header } from './hostile-request.js';

/** A body as bytes, and what the request says of them. */
interface Encoded {
  readonly body: Buffer;
  readonly headers: readonly Header[];
  /** Beyond what a body may have, as sent or unpacked. */
  readonly oversized?: boolean;
}

let spaces: Buffer | undefined;

/**
 * Unpacks to 64 MB: a thousand times what a body may have. Packed once, at need: that takes 200 ms.
 */
function packedSpaces(): Buffer {
  return (spaces ??= gzipSync(Buffer.alloc(64 * 2 ** 20, ' ')));
}

/** Text on its way into bytes, rightly or not. */
export function encode(text: string, random: Random): Encoded {
  const plain = Buffer.from(text);
  switch (
    random.weighted({
      plain: 70,
      gzip: 10,
      cut: 2,
      untrue: 2,
      others: 4,
      unknown: 2,
      bomb: 1,
      twice: 1,
      charset: 3,
      huge: 1,
    })
  ) {
    case 'plain':
      return { body: plain, headers: [] };
    case 'gzip':
      return packed(random.pick(['gzip', 'GZIP', 'x-gzip']), gzipSync(plain));
    case 'cut':
      return packed('gzip', gzipSync(plain).subarray(0, random.integer(0, 20)));
    case 'untrue':
      return packed('gzip', plain);
    case 'others':
      return random.chance(0.5)
        ? packed('deflate', deflateSync(plain))
        : packed('br', brotliCompressSync(plain));
    case 'unknown':
      return packed(
        random.pick([
          'zstd',
          'gzip, gzip',
          'identity, gzip',
          '*',
          ';',
          'x'.repeat(500),
          '__proto__',
        ]),
        plain,
      );
    case 'bomb':
      // White space after a good value: whoever unpacks all of it may well accept it.
      return {
        ...packed('gzip', Buffer.concat([gzipSync(plain), packedSpaces()])),
        oversized: true,
      };
    case 'twice':
      return packed('gzip', Buffer.concat([gzipSync(plain), gzipSync(plain)]));
    case 'charset':
      return { body: random.pick(CHARSETS)(text), headers: [] };
    case 'huge': {
      const more = Buffer.alloc(
        random.pick([65_537, 300_000, 2_000_000]),
        random.pick([' ', ' ', '1', '\0']),
      );
      return { body: Buffer.concat([plain, more]), headers: [], oversized: true };
    }
  }
}

const CHARSETS: readonly ((text: string) => Buffer)[] = [
  (text) => Buffer.from(text, 'utf16le'),
  (text) => Buffer.from(text, 'latin1'),
  (text) => Buffer.concat([Buffer.from(text), Buffer.from([0xff, 0xc3])]),
];

function packed(encoding: string, body: Buffer): Encoded {
  return { body, headers: [['Content-Encoding', encoding]] };
}
