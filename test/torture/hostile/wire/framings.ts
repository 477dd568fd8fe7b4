import {
  bad,
  bodied,
  bytesOf,
  good,
  type Mutation,
  type Sample,
  withHead,
  withLines,
} from './sample.js';

const LENGTHS = '1|0|-1|+5|0x5|1e1|5, 6|99999999999999999999||5 5|5;|٣'.split('|');

const OBSCURED = [
  ...['xchunked', 'chunked, identity', 'identity, chunked, identity', '"chunked"'],
  ...['chunked\x0b', '\x0bchunked', 'ch\xc5\xbfnked', 'chunked\r\nTransfer-Encoding: x'],
  ...['\r\n chunked', 'x\r\nTransfer-Encoding : chunked'],
]
  .map((coding) => `Transfer-Encoding: ${coding}`)
  .concat('Transfer_Encoding: chunked\r\nTransfer-Encoding: chunked')
  .concat('Transfer-Encoding : chunked', 'X: y\rTransfer-Encoding: chunked');

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

/** The status of the hidden request; no sample with a body has it. */
const NOT_FOUND = 404;
const CHUNKED = 'Transfer-Encoding: chunked';

/** Where a body ends: two readers who disagree about that take one request for two. */
export const FRAMINGS: Readonly<Record<string, Mutation>> = {
  'good chunks': (sample, random, others) => {
    const one = bodied(sample, random, others);
    const size = one.body.length.toString(16);
    const chunks = `${size};a="b"\r\nBODY\r\n0\r\nX-Trailer: x\r\n\r\n`;
    return good([chunked(one, chunks)], one.status);
  },
  'a byte a chunk': (sample, random) => {
    const chunk = `1\r\n${random.pick([' ', '1', '{'])}\r\n`;
    return bad(chunked(sample, chunk.repeat(random.pick([1_000, 20_000]))));
  },
  'chunked nonsense': (sample, random) => bad(chunked(sample, random.pick(CHUNKS))),
  'conflicting lengths': (sample, random, others) =>
    bad(withLines(bodied(sample, random, others), `Content-Length: ${random.pick(LENGTHS)}`)),
  // What is left over may be a request of its own, if a strange one.
  'length too small': (sample, random, others) =>
    bad(withHead(bodied(sample, random, others), lengthOf(2)), 'wait', 2),
  'length too large': (sample, random, others) => {
    const ending = random.pick(['wait', 'half-close', 'reset'] as const);
    return bad(withHead(bodied(sample, random, others), lengthOf(60_000)), ending);
  },
  // A reader that goes by the length takes all of it for one body; one that goes by the chunks
  // finds a second request behind it.
  'length beside chunks': (sample, random, others) =>
    twoInOne(bodied(sample, random, others), CHUNKED),
  'obscured chunking': (sample, random, others) =>
    twoInOne(bodied(sample, random, others), random.pick(OBSCURED)),
  // The other way round.
  'chunks beside length': (sample, random, others) => {
    const { status, head } = bodied(sample, random, others);
    const size = Buffer.byteLength(hidden(sample)).toString(16);
    const body = Buffer.from(`${size}\r\n${hidden(sample)}\r\n0\r\n\r\n`);
    return hiding({ status, head: lengthOf(size.length + 2)(head), body }, CHUNKED);
  },
};

function lengthOf(length: number): (head: string) => string {
  return (head) => head.replace(/Content-Length: \d+/i, `Content-Length: ${length}`);
}

function chunked(sample: Sample, chunks: string): Buffer {
  const head = sample.head.replace(/Content-Length: \d+\r\n/i, '');
  const body = Buffer.from(chunks.replaceAll('BODY', sample.body.toString('latin1')), 'latin1');
  return withLines({ ...sample, head, body }, CHUNKED);
}

function hiding(sample: Sample, line: string): ReturnType<Mutation> {
  return { ...bad(withLines(sample, line)), hidden: NOT_FOUND };
}

function twoInOne(sample: Sample, line: string): ReturnType<Mutation> {
  const body = Buffer.from(`0\r\n\r\n${hidden(sample)}`);
  return hiding({ ...sample, head: lengthOf(body.length)(sample.head), body }, line);
}

/** A request that is to slip in as what is left of another: nobody may answer it. */
function hidden({ head }: Sample): string {
  const [authorization = ''] = /Authorization: .*\r\n/.exec(head) ?? [];
  const body = Buffer.alloc(0);
  const line = `GET /hidden HTTP/1.1\r\nHost: x\r\n${authorization}\r\n`;
  return bytesOf({ head: line, body, status: NOT_FOUND }).toString();
}
