import { bad, bytesOf, good, type Mutation, withHead, withLines } from './sample.js';

const IN_BETWEEN = [
  ...['\0', '\r', '\n', ' ', '\t', '\x7f', '\xff', ':', '\x0b', '\r\n\r\n', 'HTTP/1.1'],
];
const AFTER = ['\0\0\0', 'GET', 'nonsense\r\n\r\n', '{"a":1}'];

/** The same bytes in other packets, in part, twice, or damaged on the way. */
export const DELIVERIES: Readonly<Record<string, Mutation>> = {
  untouched: (sample) => good([bytesOf(sample)], sample.status),
  'one byte a packet': (sample) =>
    good(
      pieces(bytesOf(sample), () => 1),
      sample.status,
    ),
  'odd packets': (sample, random) =>
    good(
      pieces(bytesOf(sample), () => random.integer(1, 40)),
      sample.status,
    ),
  pipelined: (sample, random, others) => {
    const one = (): typeof sample => random.pick([sample, ...others]);
    const line = Array.from({ length: random.integer(2, 20) }, one);
    return good([Buffer.concat(line.map(bytesOf))], ...line.map(({ status }) => status));
  },
  'empty lines first': (sample) =>
    good([withHead(sample, (head) => '\r\n'.repeat(3) + head)], sample.status),
  'absolute target': (sample) =>
    good([withHead(sample, (head) => head.replace(' /', ' http://127.0.0.1/'))], sample.status),
  expectation: (sample, random) => {
    const expectation = random.pick(['100-continue', 'nothing', '200-ok']);
    return good([withLines(sample, `Expect: ${expectation}`)], sample.status);
  },
  // Node takes a client that has half-closed for one that has left.
  'half-closed': (sample) => bad(bytesOf(sample), 'half-close'),
  reset: (sample) => bad(bytesOf(sample), 'reset'),
  'reset amid the body': (sample) => bad(bytesOf(sample).subarray(0, -3), 'reset'),
  'flipped bits': (sample, random) => {
    const bytes = bytesOf(sample);
    for (let i = random.integer(1, 8); i > 0; i--) {
      const at = random.integer(0, bytes.length - 1);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(0, 7));
    }
    return bad(bytes);
  },
  'bytes put in': (sample, random) => {
    const bytes = bytesOf(sample);
    const at = random.integer(0, bytes.length);
    const more = Buffer.from(random.pick(IN_BETWEEN), 'latin1');
    return bad(Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]));
  },
  // Which may make two good requests of one.
  'bytes doubled': (sample, random) => {
    const bytes = bytesOf(sample);
    const at = random.integer(0, bytes.length - 1);
    const end = random.integer(at, bytes.length);
    return bad(Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]), 'wait', 2);
  },
  cut: (sample, random) => {
    const bytes = bytesOf(sample);
    const part = bytes.subarray(0, random.integer(0, bytes.length - 1));
    return bad(part, random.pick(['wait', 'half-close', 'reset']));
  },
  // The longest reply there is, 1.5 MB: most of it has yet to be sent when its first bytes arrive.
  'garbage amid the reply': () => ({
    ...bad('GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n'),
    interjection: Buffer.from('nonsense\r\n\r\n'),
  }),
  'garbage after it': (sample, random) =>
    bad(Buffer.concat([bytesOf(sample), Buffer.from(random.pick(AFTER))])),
};

function pieces(bytes: Buffer, size: () => number): Buffer[] {
  const parts: Buffer[] = [];
  for (let rest = bytes; rest.length > 0;) {
    const length = size();
    parts.push(rest.subarray(0, length));
    rest = rest.subarray(length);
  }
  return parts;
}
