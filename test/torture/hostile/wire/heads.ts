import type { Random } from '../../support/random.js';
import { bad, type Mutation, withHead, withLines } from './sample.js';

const LINES = [
  ...[': x', 'X', 'X\0: x', 'X: \0', 'X: \x01\x7f', 'X: \xff\xfe', 'X Y: x', '\xe9: x'],
  ...['X: a\rb', '(x): y', 'X: a\r\n b\r\n\tc', 'X : y', 'Host: other', 'Host:'],
  ...['Connection: close, keep-alive, x', 'Connection: Authorization, Content-Length'],
];

const TARGETS = [
  ...'* x x:443 http:// http://[ http://x:99999/ //x/api \\ /% ? # /x#y about:blank'.split(' '),
  ...['/\0', '/\xff\xfe', '/ /', '/a b', '', '/?\0'],
];
const METHODS = [
  ...'CONNECT OPTIONS TRACE get PRI SOURCE LINK M-SEARCH'.split(' '),
  ...['G\0T', 'X'.repeat(5_000), '', '\xc4ET'],
];
const VERSIONS = [
  ...'HTTP/1.0 HTTP/0.9 HTTP/1.2 HTTP/2.0 HTTP/9.9 http/1.1 HTTP/1.10 HTTP/ ICE/1.0'.split(' '),
  ...['RTSP/1.0', ''],
];

const UPGRADES = [
  'Connection: Upgrade\r\nUpgrade: websocket\r\n' +
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13',
  'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__',
  'Upgrade: TLS/1.3',
  'Connection: upgrade',
];

const first =
  (what: RegExp, others: readonly string[]): Mutation =>
  (sample, random) =>
    bad(withHead(sample, (head) => head.replace(what, () => random.pick(others))));
const line =
  (make: (random: Random) => string): Mutation =>
  (sample, random) =>
    bad(withLines(sample, make(random)));
const broken =
  (by: (head: string, random: Random) => string): Mutation =>
  (sample, random) =>
    bad(withHead(sample, (head) => by(head, random)));

/** What stands before the body: lines that are too many, too long, or none. */
export const HEADS: Readonly<Record<string, Mutation>> = {
  'strange line': line((random) => random.pick(LINES)),
  'many headers': line((random) =>
    Array.from({ length: random.pick([100, 1_000, 3_000]) }, (_, i) => `X-${i}: y`).join('\r\n'),
  ),
  'huge header': line((random) => {
    const value = 'y'.repeat(random.pick([9_000, 15_000, 100_000]));
    return `${'X'.repeat(random.pick([1, 9_000]))}: ${value}`;
  }),
  'huge target': broken((head, random) =>
    head.replace(' /', ` /${'x'.repeat(random.pick([8_000, 15_900, 200_000]))}`),
  ),
  'strange target': first(/(?<=^\S+ )\S+/, TARGETS),
  'strange method': first(/^\S+/, METHODS),
  'strange version': first(/HTTP\/1\.1/, VERSIONS),
  upgrade: line((random) => random.pick(UPGRADES)),
  'bare line feeds': broken((head) => head.replaceAll('\r\n', '\n')),
  'bare carriage returns': broken((head) => head.replaceAll('\r\n', '\r')),
  'proxy line': broken((head) => `PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n${head}`),
  'HTTP/0.9': () => bad('GET /health/live\r\n'),
  'HTTP/2': () => bad('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0'),
  TLS: () => bad('\x16\x03\x01\0\xc8\x01\0\0\xc4\x03\x03'),
  garbage: (_, random) => {
    const bytes = Array.from({ length: random.integer(1, 3_000) }, () => random.integer(0, 255));
    return bad(Buffer.from(bytes));
  },
  nothing: (_, random) => {
    const ending = random.pick(['half-close', 'reset'] as const);
    return bad('\r\n'.repeat(random.integer(0, 3)), ending);
  },
};
