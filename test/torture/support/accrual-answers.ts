import type { IncomingMessage, ServerResponse } from 'node:http';
import { invalid, processed, type ScriptedReply } from '../../support/fakes/scripted-accrual.js';
import { type Kopecks, printKopecks } from './kopecks.js';
import type { Random } from './random.js';

/** What the accrual system finally says of a number. */
export interface FinalAnswer {
  readonly status: 'PROCESSED' | 'INVALID';
  /** The JSON number it says it with; absent where nothing is said of points. */
  readonly accrual?: string;
  /** What the customer must get for it. */
  readonly kopecks: Kopecks;
}

export type Reply = ScriptedReply | ((request: IncomingMessage, response: ServerResponse) => void);

export function replyOf(number: string, { status, accrual }: FinalAnswer): Reply {
  return status === 'INVALID' ? invalid(number) : processed(number, accrual);
}

const json = (body: string): ScriptedReply => ({ status: 200, body });
const order =
  (status: string, rest = '') =>
  (number: string): Reply =>
    json(`{"order":"${number}","status":"${status}"${rest}}`);
const always = (status: number, body = '', headers: Record<string, string> = {}) => {
  return (): Reply => ({ status, body, headers });
};
const HTML = '<html><body><h1>502 Bad Gateway</h1></body></html>';

const OTHERS = {
  REGISTERED: order('REGISTERED'),
  PROCESSING: order('PROCESSING'),
  'no content': always(204),
  'status 500': always(500),
  'status 503': always(503, '', { 'retry-after': '1' }),
  'status 404': always(404, 'no such page'),
  'no reply': () => () => undefined,
  'a broken connection': () => (_, response) => void response.socket?.destroy(),
  'half a reply': (number) => (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 200 });
    response.write(`{"order":"${number}","status":"PROC`, () => response.socket?.destroy());
  },
  'half a body': (number) => json(`{"order":"${number}","status":"PROCESSED","accrual":1`),
  garbage: always(200, '\u0000\u0001 not even close {{{'),
  'no body': always(200),
  HTML: always(200, HTML, { 'content-type': 'text/html' }),
  'HTML with status 502': always(502, HTML, { 'content-type': 'text/html' }),
  'another order': (number) => order('PROCESSED', ',"accrual":777.77')(`${number}0`),
  'no order': always(200, '{"status":"PROCESSED","accrual":777.77}'),
  'unknown status': order('PAID', ',"accrual":777.77'),
  'negative accrual': order('PROCESSED', ',"accrual":-777.77'),
  'accrual as a string': order('PROCESSED', ',"accrual":"777.77"'),
  'null accrual': order('PROCESSED', ',"accrual":null'),
  'infinite accrual': order('PROCESSED', ',"accrual":1e309'),
} satisfies Record<string, (number: string) => Reply>;

/** What the accrual system may say, or do, instead of giving its final answer. */
export type Other = keyof typeof OTHERS;

export function otherReply(kind: Other, number: string): Reply {
  return OTHERS[kind](number);
}

/** "Not yet": they spend none of an order's tries. */
const CALCULATING: readonly Other[] = ['REGISTERED', 'PROCESSING', 'no content'];

/** Whatever must not be believed. */
const FAULTS = (Object.keys(OTHERS) as Other[]).filter((kind) => !CALCULATING.includes(kind));

/** How the whole system can be out. */
export const OUTAGES: readonly Other[] = [
  'status 500',
  'no reply',
  'a broken connection',
  'HTML with status 502',
];

/** How a 429 may name its pause; what cannot be understood must not stop the service for long. */
const PAUSES: readonly ((draw: Random) => Record<string, string>)[] = [
  () => ({ 'retry-after': '1' }),
  () => ({ 'retry-after': new Date(Math.ceil(Date.now() / 1_000 + 1) * 1_000).toUTCString() }),
  (draw) => ({
    'retry-after': draw.pick(['-5', 'soon', '', '1.5', 'NaN', new Date(0).toUTCString()]),
  }),
  () => ({}),
];

/** "Too fast", for about a second, with a limit that the run never comes near. */
export function tooFast(draw: Random): Reply {
  const body = 'No more than 30000 requests per minute allowed';
  return { status: 429, body, headers: draw.pick(PAUSES)(draw) };
}

/** Beyond the service's CASHBACK_MAX_TRIES: such a number is parked, and put back later. */
const POISON_FAULTS = 6;

/** All that is said of every order number: functions of the seed and the number alone. */
export class AccrualAnswers {
  constructor(private readonly random: Random) {}

  final(number: string): FinalAnswer {
    const random = this.random.fork(`answer ${number}`);
    const kopecks = award(random);
    switch (random.weighted({ invalid: 12, nothing: 8, zero: 4, exact: 46, rounded: 30 })) {
      case 'invalid':
        return { status: 'INVALID', kopecks: 0n };
      case 'nothing':
        return { status: 'PROCESSED', kopecks: 0n };
      case 'zero': {
        const accrual = random.pick(['0', '0.0', '0.00', '0.004', '0e7', '0.0049999999999']);
        return { status: 'PROCESSED', accrual, kopecks: 0n };
      }
      case 'exact':
        return { status: 'PROCESSED', accrual: exactToken(kopecks, random), kopecks };
      case 'rounded': {
        const listed = ['5', '4', '50000000000', '49999999999', '99', '01'];
        const rest = random.pick([...listed, random.digits(3), random.digits(12)]);
        const up = rest >= '5' ? 1n : 0n;
        const accrual = `${printKopecks(kopecks)}${rest}`;
        return { status: 'PROCESSED', accrual, kopecks: kopecks + up };
      }
    }
  }

  /** What is said before the final answer, in this order. */
  before(number: string): readonly Other[] {
    const random = this.random.fork(`before the answer ${number}`);
    const some = (kinds: readonly Other[], atMost: number): Other[] =>
      Array.from({ length: random.integer(1, atMost) }, () => random.pick(kinds));
    switch (random.weighted({ none: 48, calculating: 25, faults: 12, both: 11, poison: 4 })) {
      case 'none':
        return [];
      case 'calculating':
        return some(CALCULATING, 3);
      case 'faults':
        return some(FAULTS, 2);
      case 'both':
        return random.shuffled([...some(CALCULATING, 2), ...some(FAULTS, 2)]);
      case 'poison':
        return Array.from({ length: POISON_FAULTS }, () => random.pick(FAULTS));
    }
  }

  /** How long an answer takes, in milliseconds: never so long that it would be a fault. */
  delayOf(number: string, question: number): number {
    const random = this.random.fork(`delay ${question} of ${number}`);
    return random.chance(0.3) ? random.integer(20, 600) : 0;
  }
}

/** Kopecks and millions: a float that adds both up loses the kopecks. */
function award(random: Random): Kopecks {
  const range = random.weighted({ kopecks: 15, usual: 70, large: 15 });
  const ranges = { kopecks: [1, 99], usual: [100, 300_000], large: [10 ** 8, 10 ** 12] } as const;
  const [from, to] = ranges[range];
  return BigInt(random.integer(from, to));
}

/** The same sum as JSON may write it. */
function exactToken(kopecks: Kopecks, random: Random): string {
  const fixed = printKopecks(kopecks);
  const short = fixed.replace(/\.?0+$/, '');
  return random.pick([fixed, short, `${fixed}000`, `${kopecks}e-2`, `${fixed}E+0`]);
}
