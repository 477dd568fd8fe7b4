import type { ServerResponse } from 'node:http';
import type { Truth } from './truth.js';

export interface Question {
  readonly number: string;
  readonly truth: Truth;
  readonly response: ServerResponse;
}

type Answer = (question: Question) => void;

function json({ response }: Question, body: string): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(body);
}

function order(status: string, rest = ''): Answer {
  return (question) => json(question, `{"order":"${question.number}","status":"${status}"${rest}}`);
}

/** The final answer. */
export const tellTruth: Answer = (question) => {
  const { status, accrual } = question.truth;
  order(status, accrual === undefined ? '' : `,"accrual":${accrual}`)(question);
};

function status(code: number, headers: Record<string, string> = {}, body = ''): Answer {
  return ({ response }) => void response.writeHead(code, headers).end(body);
}

const HTML = '<html><body><h1>502 Bad Gateway</h1></body></html>';

const LIES = {
  REGISTERED: order('REGISTERED'),
  PROCESSING: order('PROCESSING'),
  'no content': status(204),
  'status 500': status(500),
  'status 503': status(503, { 'retry-after': '1' }),
  'status 404': status(404, {}, 'no such page'),
  hang: () => undefined,
  drop: ({ response }) => void response.socket?.destroy(),
  'drop in the middle': ({ number, response }) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 200 });
    response.write(`{"order":"${number}","status":"PROC`, () => response.socket?.destroy());
  },
  'half a body': (question) =>
    json(question, `{"order":"${question.number}","status":"PROCESSED","accrual":1`),
  garbage: (question) => json(question, '\u0000\u0001 not even close {{{'),
  'no body': (question) => json(question, ''),
  HTML: status(200, { 'content-type': 'text/html' }, HTML),
  'HTML with status 502': status(502, { 'content-type': 'text/html' }, HTML),
  "another order's answer": (question) =>
    json(question, `{"order":"${question.number}0","status":"PROCESSED","accrual":777.77}`),
  'no order': (question) => json(question, '{"status":"PROCESSED","accrual":777.77}'),
  'unknown status': order('PAID', ',"accrual":777.77'),
  'negative accrual': order('PROCESSED', ',"accrual":-777.77'),
  'accrual as a string': order('PROCESSED', ',"accrual":"777.77"'),
  'null accrual': order('PROCESSED', ',"accrual":null'),
  'infinite accrual': order('PROCESSED', ',"accrual":1e309'),
} satisfies Record<string, Answer>;

/** What the accrual system may say, or do, instead of telling the truth. */
export type Lie = keyof typeof LIES;

/** "Not yet": they spend none of an order's tries. */
export const CALCULATING: readonly Lie[] = ['REGISTERED', 'PROCESSING', 'no content'];

/** Whatever must not be believed. */
export const FAULTS: readonly Lie[] = (Object.keys(LIES) as Lie[]).filter(
  (lie) => !CALCULATING.includes(lie),
);

/** How the whole system can be out. */
export const OUTAGES = [
  'status 500',
  'hang',
  'drop',
  'HTML with status 502',
] as const satisfies readonly Lie[];

export function lie(kind: Lie, question: Question): void {
  LIES[kind](question);
}

/**
 * How a 429 may name its pause; what cannot be understood must not stop the service, nor stop it
 * for long.
 */
export const PAUSES = ['seconds', 'date', 'absurd', 'none'] as const;

export type Pause = (typeof PAUSES)[number];

const ABSURD = ['-5', 'soon', '', '1.5', 'Thu, 01 Jan 1970 00:00:00 GMT', 'NaN'];

/**
 * So many questions a minute are more than the run ever asks: the service keeps to them, and the
 * run goes on.
 */
const PER_MINUTE = 30_000;

/** "Too fast", for about a second. */
export function limit(pause: Pause, draw: number, { response }: Question): void {
  const date = new Date(Math.ceil(Date.now() / 1_000 + 1) * 1_000).toUTCString();
  const headers = {
    seconds: { 'retry-after': '1' },
    date: { 'retry-after': date },
    absurd: { 'retry-after': ABSURD[draw % ABSURD.length] ?? '' },
    none: {},
  }[pause];
  response.writeHead(429, headers).end(`No more than ${PER_MINUTE} requests per minute allowed`);
}
