import { readFileSync } from 'node:fs';
import { OrderNumber } from '../../src/kernel/domain/order-number.js';

/** What is asked of the service; `mix` is two balances, a list of orders and an upload in turn. */
export type Call =
  'balance' | 'orders' | 'withdrawals' | 'upload' | 'withdraw' | 'login' | 'register' | 'mix';

const MIX = ['balance', 'orders', 'balance', 'upload'] as const;

/** All that a load generator is told. */
export interface LoadOrder {
  readonly url: string;
  readonly call: Call;
  /** The file of books/users.ts. */
  readonly users: string;
  /** Of a list, `?limit=20` for example. */
  readonly query?: string | undefined;
  /** First seven digits of the order numbers that it makes; no other generator has them. */
  readonly prefix: string;
  readonly connections: number;
  readonly seconds: number;
  /** Requests that are due in a second; absent: as many as the service takes. */
  readonly perSecond?: number;
}

/** Every password in the books. */
export const PASSWORD = 'correct horse battery staple';

/** One of the kinds of requests that a generator sends in turn: a head, and a body of its own. */
export interface RequestKind {
  /** With the body where all have the same; one is drawn at random. */
  readonly heads: readonly string[];
  /** The body that goes with a fresh order number. */
  readonly body?: (number: string) => string;
}

interface Sender {
  readonly login: string;
  readonly token: string;
}

/** Both generators, our own and wrk, send these. */
export function requestKinds({
  call,
  users,
  query = '',
}: Pick<LoadOrder, 'call' | 'users' | 'query'>): RequestKind[] {
  const lines = readFileSync(users, 'utf8').trim().split('\n');
  const senders = lines.map((line) => {
    const [login = '', token = ''] = line.split(' ');
    return { login, token };
  });
  return (call === 'mix' ? MIX : [call]).map((each) => requestKind(each, query, senders));
}

function requestKind(
  call: Exclude<Call, 'mix'>,
  query: string,
  senders: readonly Sender[],
): RequestKind {
  const signed = (line: string, rest = ''): string[] =>
    senders.map(({ token }) => head(line, `Authorization: Bearer ${token}\r\n${rest}`));
  const withdrawal = (number: string): string => `{"order":"${number}","sum":0.01}`;
  const credentials = (login: string): string => JSON.stringify({ login, password: PASSWORD });
  switch (call) {
    case 'balance':
    case 'orders':
    case 'withdrawals':
      return { heads: signed(`GET /api/user/${call}${query}`) };
    case 'upload':
      return {
        heads: signed('POST /api/user/orders', content('text/plain', SOME_NUMBER)),
        body: (number) => number,
      };
    case 'withdraw':
      return {
        heads: signed('POST /api/user/balance/withdraw', json(withdrawal(SOME_NUMBER))),
        body: withdrawal,
      };
    case 'login':
      return {
        heads: senders.map(({ login }) => {
          const body = credentials(login);
          return head('POST /api/user/login', json(body)) + body;
        }),
      };
    case 'register':
      return {
        heads: [head('POST /api/user/register', json(credentials(SOME_NUMBER)))],
        body: credentials,
      };
  }
}

function head(line: string, headers: string): string {
  return `${line} HTTP/1.1\r\nHost: bench\r\n${headers}\r\n`;
}

function content(type: string, body: string): string {
  return `Content-Type: ${type}\r\nContent-Length: ${body.length}\r\n`;
}

function json(body: string): string {
  return content('application/json', body);
}

/** Digits that are counted, between the prefix and the check digit. */
const COUNTED = 8;

/** All are as long. */
const SOME_NUMBER = '4'.repeat(7 + COUNTED + 1);

/** Order numbers that begin with a prefix; no number comes twice. */
export class Numbers {
  #last = 0;

  constructor(private readonly prefix: string) {}

  next(): string {
    const counted = String(++this.#last).padStart(COUNTED, '0');
    return OrderNumber.withCheckDigit(this.prefix + counted).value;
  }
}

/** The first digit of the numbers of load generators is a 4. */
export class Prefixes {
  #last = 0;

  next(): string {
    return `4${String(++this.#last).padStart(6, '0')}`;
  }
}
