import { createHmac } from 'node:crypto';
import type { Random } from '../../support/random.js';
import { JWT_SECRET } from '../../support/replica.js';
import type { Header } from './hostile-request.js';

/** Somebody with an account of their own, and a token for it. */
export interface Member {
  readonly login: string;
  readonly password: string;
  readonly userId: string;
  readonly token: string;
}

/** Headers that say who is asking, rightly in most cases. */
export function credentials({ token, userId, login }: Member, random: Random): Header[] {
  const bearer: Header = ['Authorization', `Bearer ${token}`];
  switch (
    random.weighted({ header: 60, cookie: 15, nothing: 5, malformed: 10, forged: 6, both: 4 })
  ) {
    case 'header':
      return [bearer];
    case 'cookie':
      return [
        [
          'Cookie',
          random.pick([`token=${token}`, `a=b; token=${token}; c`, `theme="dark"; token=${token}`]),
        ],
      ];
    case 'nothing':
      return [];
    case 'malformed':
      return [['Authorization', random.pick(malformed(token, login))]];
    case 'forged':
      return [['Authorization', `Bearer ${random.pick(FORGERIES)(userId)}`]];
    case 'both':
      return random.pick([
        [bearer, ['Cookie', 'token=x']],
        [
          ['Cookie', `token=${token}`],
          ['Authorization', 'Basic eDp5'],
        ],
        [bearer, bearer],
        [['Cookie', `token=${token}; token=x`]],
        [
          ['Cookie', 'token=x'],
          ['Cookie', `token=${token}`],
        ],
      ] as Header[][]);
  }
}

function malformed(token: string, login: string): string[] {
  const [head = '', claims = '', signature = ''] = token.split('.');
  return [
    '',
    'Bearer',
    'Bearer ',
    'Bearer nonsense',
    `bearer  ${token}`,
    `Bearer ${token}x`,
    `Bearer ${token.slice(0, -2)}`,
    `Bearer ${head}.${claims}`,
    `Bearer ${head}.${claims}.`,
    `Bearer .${claims}.${signature}`,
    `Bearer ${'x'.repeat(4_000)}`,
    `Bearer ${'a.'.repeat(1_000)}`,
    `Bearer ${token}, Bearer ${token}`,
    `Basic ${Buffer.from(`${login}:x`).toString('base64')}`,
    'Digest username="x"',
    'Bearer \xff\xfe',
    'Bearer eyJhbGciOiJub25lIn0.e30.',
    'Bearer bnVsbA.bnVsbA.bnVsbA',
    'Bearer W10.W10.W10',
  ];
}

const inAnHour = (): number => Math.floor(Date.now() / 1_000) + 3_600;

/**
 * Tokens by somebody who knows how they are made; a few of them know the key too, and sign for what
 * is nobody.
 */
const FORGERIES: readonly ((userId: string) => string)[] = [
  (sub) => sign({ alg: 'none' }, { sub, exp: inAnHour() }, ''),
  (sub) => sign({ alg: 'HS256' }, { sub, exp: inAnHour() }, 'guessed'),
  (sub) => sign({ alg: 'HS512' }, { sub, exp: inAnHour() }, JWT_SECRET, 'sha512'),
  (sub) => sign({ alg: 'HS256' }, { sub, exp: 1 }, JWT_SECRET),
  (sub) => sign({ alg: 'HS256' }, { sub }, JWT_SECRET),
  (sub) =>
    sign(
      { alg: 'HS256', kid: '../../dev/null', jku: 'http://127.0.0.1/x' },
      { sub, exp: inAnHour(), nbf: inAnHour() },
      JWT_SECRET,
    ),
  () => sign({ alg: 'HS256' }, { sub: "' OR '1'='1", exp: inAnHour() }, JWT_SECRET),
  () => sign({ alg: 'HS256' }, { sub: { $ne: null }, exp: inAnHour() }, JWT_SECRET),
  () =>
    sign(
      { alg: 'HS256' },
      { sub: '00000000-0000-7000-8000-000000000000', exp: inAnHour() },
      JWT_SECRET,
    ),
  () => sign({ alg: 'HS256' }, { sub: '\0', exp: 1e308 }, JWT_SECRET),
  () => sign({ alg: 'HS256' }, [], JWT_SECRET),
];

function sign(header: object, claims: object, key: string, hash = 'sha256'): string {
  const signed = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${signed}.${key && createHmac(hash, key).update(signed).digest('base64url')}`;
}

/**
 * Headers beside the point, of which none may change more than the language or the packing of the
 * reply.
 */
const NOISE: readonly (readonly [name: string, values: readonly string[]])[] = [
  ['Accept', ['*/*', 'text/html', 'application/xml;q=0.9', '', ',;q=', 'x'.repeat(2_000)]],
  [
    'Accept-Encoding',
    [
      'gzip',
      'deflate',
      'gzip;q=0',
      'br',
      'identity;q=0',
      '*',
      'gzip, deflate, br, zstd',
      ';;;',
      'gzip;q=nonsense',
    ],
  ],
  [
    'Accept-Language',
    ['en', 'ru', 'en;q=NaN', 'en;q=1e309,ru;q=-1', ',,,;;;', '*', '\xff', 'en,'.repeat(500)],
  ],
  ['X-Forwarded-For', ['127.0.0.1', '::1', "' OR 1=1", 'a'.repeat(1_000), '1.2.3.4, 5.6.7.8', '']],
  ['Forwarded', ['for="_x";proto=https', 'for=']],
  ['X-Forwarded-Host', ['evil.example']],
  ['X-Request-Id', ['mine-1', 'two words', 'x'.repeat(1_000), '<b>', '{"a":1}', '\xe9']],
  ['X-HTTP-Method-Override', ['DELETE', 'PUT']],
  ['X-Original-URL', ['/metrics']],
  ['If-None-Match', ['*', '"x"', 'W/"', 'x'.repeat(500)]],
  ['If-Modified-Since', ['Sat, 29 Oct 2094 19:43:31 GMT', 'yesterday']],
  ['Range', ['bytes=0-1', 'bytes=-1', 'bytes=9-1', 'x']],
  ['Origin', ['https://evil.example', 'null']],
  ['Expect', ['100-continue', 'nonsense']],
  ['Prefer', ['respond-async']],
  ['TE', ['trailers', 'gzip']],
  ['Cache-Control', ['no-cache']],
  ['__proto__', ['x']],
  ['constructor', ['x']],
  ['X-Long', ['a'.repeat(2_000)]],
  [
    'Cookie',
    [
      '',
      ';;;=',
      '__proto__=x; constructor=y',
      'a=%zz',
      'a=%00',
      'a=b; '.repeat(300),
      'token',
      'token=',
      'token="',
    ],
  ],
];

export function noise(random: Random): Header[] {
  const count = random.pick([0, 0, 1, 1, 2, 5]);
  return Array.from({ length: count }, () => random.pick(NOISE)).map(([name, values]) => [
    name,
    random.pick(values),
  ]);
}

/** @param media the types that the document gives for the body. */
export function contentType(media: string, random: Random): Header[] {
  if (random.chance(0.85)) return [['Content-Type', media]];
  return random.pick([
    [],
    [['Content-Type', `${media}; charset=utf-8`]],
    [['Content-Type', `${media.toUpperCase()};charset="UTF-8"`]],
    [['Content-Type', `${media}; charset=utf-16`]],
    [['Content-Type', `${media};;;`]],
    [['Content-Type', '']],
    [['Content-Type', 'x'.repeat(1_000)]],
    [['Content-Type', 'application/xml']],
    [['Content-Type', 'multipart/form-data; boundary=']],
    [['Content-Type', 'application/x-www-form-urlencoded']],
    [['Content-Type', '__proto__']],
    [
      ['Content-Type', media],
      ['Content-Type', 'text/html'],
    ],
  ] as Header[][]);
}
