import {
  bad,
  bodied,
  bytesOf,
  CRLF,
  good,
  type Mutation,
  type Sample,
  withHead,
  withLines,
} from './sample.js';

const LENGTHS = [
  '1',
  '0',
  '-1',
  '+5',
  '0x5',
  '1e1',
  '5, 6',
  '99999999999999999999',
  '',
  '5 5',
  '5;',
  '٣',
];

const OBSCURED = [
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: identity, chunked, identity',
  'Transfer-Encoding: "chunked"',
  'Transfer-Encoding: chunked\x0b',
  'Transfer-Encoding: \x0bchunked',
  'Transfer-Encoding: ch\xc5\xbfnked',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: x',
  'Transfer-Encoding:\r\n chunked',
  'Transfer_Encoding: chunked\r\nTransfer-Encoding: chunked',
  'X: y\rTransfer-Encoding: chunked',
];

/** `BODY` stands for the body of the sample. */
const CHUNKS = [
  'nonsense\r\n',
  '-1\r\nx\r\n0\r\n\r\n',
  'fffffffffffffffff\r\nx',
  '7fffffffffffffff\r\nx',
  '0x5\r\nBODY\r\n0\r\n\r\n',
  '1\r\nBODYBODYBODY\r\n0\r\n\r\n',
  '5\nBODY\n0\n\n',
  '5 \r\nBODY\r\n',
  '\r\n\r\n\r\n',
  '٣\r\nBODY\r\n0\r\n\r\n',
  '0\r\nContent-Length: 5\r\n\r\n',
  '1;a=b\r\nx',
  `1;${'x'.repeat(20_000)}`,
  `0\r\n${'X: y\r\n'.repeat(3_000)}\r\n`,
];

/** No sample with a body has this status. */
const NOT_FOUND = 404;

/** Where a body ends: two readers who disagree about that take one request for two. */
export const FRAMINGS: Readonly<Record<string, Mutation>> = {
  'good chunks': (sample, random, others) => {
    const one = bodied(sample, random, others);
    const size = one.body.length.toString(16);
    return good(
      [chunked(one, `${size};a="b"${CRLF}BODY${CRLF}0${CRLF}X-Trailer: x${CRLF}${CRLF}`)],
      one.status,
    );
  },
  'a byte a chunk': (sample, random) =>
    bad(
      chunked(
        sample,
        `1\r\n${random.pick([' ', '1', '{'])}\r\n`.repeat(random.pick([1_000, 20_000])),
      ),
    ),
  'chunked nonsense': (sample, random) => bad(chunked(sample, random.pick(CHUNKS))),
  'conflicting lengths': (sample, random, others) =>
    bad(withLines(bodied(sample, random, others), `Content-Length: ${random.pick(LENGTHS)}`)),
  // What is left over may be a request of its own, if a strange one.
  'length too small': (sample, random, others) =>
    bad(withHead(bodied(sample, random, others), lengthOf(2)), 'wait', 2),
  'length too large': (sample, random, others) =>
    bad(
      withHead(bodied(sample, random, others), lengthOf(60_000)),
      random.pick(['wait', 'half-close', 'reset']),
    ),
  // Whoever goes by the length takes all of it for one body; whoever goes by the chunks finds a
  // second request behind it.
  'length beside chunks': (sample, random, others) =>
    hiding(twoInOne(bodied(sample, random, others), 'Transfer-Encoding: chunked')),
  'obscured chunking': (sample, random, others) =>
    hiding(twoInOne(bodied(sample, random, others), random.pick(OBSCURED))),
  // The other way round.
  'chunks beside length': (sample, random, others) => {
    const { status, head } = bodied(sample, random, others);
    const size = Buffer.byteLength(hidden(sample)).toString(16);
    const body = Buffer.from(`${size}${CRLF}${hidden(sample)}${CRLF}0${CRLF}${CRLF}`);
    return hiding(
      withLines(
        { status, head: lengthOf(size.length + CRLF.length)(head), body },
        'Transfer-Encoding: chunked',
      ),
    );
  },
};

function lengthOf(length: number): (head: string) => string {
  return (head) => head.replace(/Content-Length: \d+/i, `Content-Length: ${length}`);
}

function chunked(sample: Sample, chunks: string): Buffer {
  const head = sample.head.replace(/Content-Length: \d+\r\n/i, '');
  const body = Buffer.from(chunks.replaceAll('BODY', sample.body.toString('latin1')), 'latin1');
  return withLines({ ...sample, head, body }, 'Transfer-Encoding: chunked');
}

function hiding(bytes: Buffer): ReturnType<Mutation> {
  return { ...bad(bytes), hidden: NOT_FOUND };
}

function twoInOne({ status, head }: Sample, line: string): Buffer {
  const body = Buffer.from(`0${CRLF}${CRLF}${hidden({ status, head, body: Buffer.alloc(0) })}`);
  return withLines({ status, head: lengthOf(body.length)(head), body }, line);
}

/**
 * A request that is to slip in as what is left of another; nobody has asked for it, so nobody may
 * be answered.
 */
function hidden({ head }: Sample): string {
  const [authorization = ''] = /Authorization: .*\r\n/.exec(head) ?? [];
  return bytesOf({
    head: `GET /hidden HTTP/1.1${CRLF}Host: x${CRLF}${authorization}${CRLF}`,
    body: Buffer.alloc(0),
    status: 404,
  }).toString();
}
