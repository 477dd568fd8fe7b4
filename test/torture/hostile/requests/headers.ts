import type { Member } from '../../../support/http/client.js';
import { claimsOf, forgeToken } from '../../../support/http/forged-token.js';
import type { Random } from '../../support/random.js';
import type { Header } from './request.js';

/** Headers that say who is asking, rightly in most cases. */
export function credentials(member: Member, random: Random): Header[] {
  const { token } = member;
  const bearer = (value: string): Header => ['Authorization', `Bearer ${value}`];
  const cookie = (value: string): Header => ['Cookie', value];
  const cookies = [
    ...[`token=${token}`, `a=b; token=${token}; c`, `theme="dark"; token=${token}`],
    `$Version="1"; token="${token}"; $Path="/"`,
  ];
  return random.one<Header[]>(
    [60, () => [bearer(token)]],
    [15, () => [cookie(random.pick(cookies))]],
    [5, () => []],
    [10, () => [['Authorization', random.pick(malformed(member))]]],
    [6, () => [bearer(random.pick(FORGERIES)(member.userId))]],
    [1, () => [bearer(token), cookie('token=x')]],
    [1, () => [cookie(`token=${token}`), ['Authorization', 'Basic eDp5']]],
    [1, () => [bearer(token), bearer(token)]],
    [1, () => [cookie('token=x'), cookie(`token=${token}`)]],
    [1, () => [cookie(`token=${token}; token=x`)]],
  );
}

function malformed({ token, login }: Member): string[] {
  const [head = '', claims = '', signature = ''] = token.split('.');
  const bearers = [
    ...['', 'nonsense', `${token}x`, token.slice(0, -2), `${token}, Bearer ${token}`],
    ...[`${head}.${claims}`, `${head}.${claims}.`, `.${claims}.${signature}`],
    ...['x'.repeat(4_000), 'a.'.repeat(1_000), '\xff\xfe'],
    ...['eyJhbGciOiJub25lIn0.e30.', 'bnVsbA.bnVsbA.bnVsbA', 'W10.W10.W10'],
  ].map((each) => `Bearer ${each}`);
  const basic = `Basic ${Buffer.from(`${login}:x`).toString('base64')}`;
  return [...bearers, '', 'Bearer', `bearer  ${token}`, basic, 'Digest username="x"'];
}

const inAnHour = (): number => Math.floor(Date.now() / 1_000) + 3_600;

/** Tokens by somebody who knows how they are made; a few of them know the key, too. */
const FORGERIES: readonly ((userId: string) => string)[] = [
  (id) => forgeToken(claimsOf(id), { header: { alg: 'none' } }).replace(/[^.]*$/, ''),
  (id) => forgeToken(claimsOf(id), { key: 'guessed' }),
  (id) => forgeToken(claimsOf(id), { header: { alg: 'HS512' }, hash: 'sha512' }),
  (id) => forgeToken({ sub: id, exp: 1 }),
  (id) => forgeToken({ sub: id }),
  (id) =>
    forgeToken(
      { sub: id, exp: inAnHour(), nbf: inAnHour() },
      { header: { alg: 'HS256', kid: '../../dev/null', jku: 'http://127.0.0.1/x' } },
    ),
  () => forgeToken(claimsOf("' OR '1'='1")),
  () => forgeToken({ sub: { $ne: null }, exp: inAnHour() }),
  () => forgeToken(claimsOf('00000000-0000-7000-8000-000000000000')),
  () => forgeToken({ sub: '\0', exp: 1e308 }),
  () => forgeToken([]),
];

/** Headers that may change no more than the language or the packing of a reply. */
const NOISE: Readonly<Record<string, readonly string[]>> = {
  Accept: ['*/*', 'text/html', 'application/xml;q=0.9', '', ',;q=', 'x'.repeat(2_000)],
  'Accept-Encoding': [
    ...'gzip deflate gzip;q=0 br identity;q=0 * ;;; gzip;q=nonsense'.split(' '),
    'gzip, deflate, br, zstd',
  ],
  'Accept-Language': [
    ...'en ru en;q=NaN en;q=1e309,ru;q=-1 ,,,;;; *'.split(' '),
    ...['\xff', 'en,'.repeat(500)],
  ],
  'X-Forwarded-For': ['127.0.0.1', '::1', "' OR 1=1", 'a'.repeat(1_000), '1.2.3.4, 5.6.7.8', ''],
  Forwarded: ['for="_x";proto=https', 'for='],
  'X-Forwarded-Host': ['evil.example'],
  'X-Request-Id': ['mine-1', 'two words', 'x'.repeat(1_000), '<b>', '{"a":1}', '\xe9'],
  'X-HTTP-Method-Override': ['DELETE', 'PUT'],
  'X-Original-URL': ['/metrics'],
  'If-None-Match': ['*', '"x"', 'W/"', 'x'.repeat(500)],
  'If-Modified-Since': ['Sat, 29 Oct 2094 19:43:31 GMT', 'yesterday'],
  Range: ['bytes=0-1', 'bytes=-1', 'bytes=9-1', 'x'],
  Origin: ['https://evil.example', 'null'],
  'Sec-Fetch-Site': ['cross-site', 'same-site', 'same-origin', 'none', 'nonsense'],
  Expect: ['100-continue', 'nonsense'],
  TE: ['trailers', 'gzip'],
  'Cache-Control': ['no-cache'],
  ['__proto__']: ['x'],
  constructor: ['x'],
  'X-Long': ['a'.repeat(2_000)],
  Cookie: [
    ...['', ';;;=', '__proto__=x; constructor=y', 'a=%zz', 'a=%00', 'a=b; '.repeat(300)],
    ...['token', 'token=', 'token="'],
  ],
};

export function noise(random: Random): Header[] {
  const count = random.pick([0, 0, 1, 1, 2, 5]);
  return Array.from({ length: count }, () => random.pick(Object.entries(NOISE))).map(
    ([name, values]) => [name, random.pick(values)],
  );
}

/** @param media the type that the document gives for the body. */
export function contentType(media: string, random: Random): Header[] {
  if (random.chance(0.85)) return [['Content-Type', media]];
  const strange = [
    `${media}; charset=utf-8`,
    `${media.toUpperCase()};charset="UTF-8"`,
    ...['utf8', 'utf-16', 'ISO-8859-1', '"windows-1251"', 'nonsense'].map(
      (charset) => `${media}; charset=${charset}`,
    ),
    `${media};;;`,
    ...['', 'x'.repeat(1_000), 'application/xml', 'multipart/form-data; boundary='],
    ...['application/x-www-form-urlencoded', '__proto__'],
  ].map((type): Header[] => [['Content-Type', type]]);
  return random.pick<Header[]>([
    ...strange,
    [],
    [
      ['Content-Type', media],
      ['Content-Type', 'text/html'],
    ],
  ]);
}
