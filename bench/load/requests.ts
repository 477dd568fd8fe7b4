import { readFileSync } from 'node:fs';
import { OrderNumber } from '../../src/kernel/domain/order-number.js';
import { type Call, PASSWORD } from './order.js';

/** A user who sends requests. */
export interface Sender {
  readonly login: string;
  readonly token: string;
}

/** See {@link signIn}. */
export function readSenders(file: string): Sender[] {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [login = '', token = ''] = line.split(' ');
    return { login, token };
  });
}

/** Order numbers that nobody else has: the prefix, eight digits, the check digit. */
export class Numbers {
  #last = 0;

  constructor(private readonly prefix: string) {}

  next(): string {
    return OrderNumber.withCheckDigit(this.prefix + String(++this.#last).padStart(8, '0')).value;
  }
}

const MIX: readonly Exclude<Call, 'mix'>[] = ['balance', 'orders', 'balance', 'upload'];

/**
 * The text of one request after another, by users drawn at random; load.lua does the same for wrk.
 */
export function requests(call: Call, senders: readonly Sender[], numbers: Numbers): () => string {
  let turn = 0;
  return () => {
    const sender = senders[Math.floor(Math.random() * senders.length)];
    if (!sender) throw new Error('there is nobody to send requests');
    return request(
      call === 'mix' ? (MIX[turn++ % MIX.length] ?? 'balance') : call,
      sender,
      numbers,
    );
  };
}

export function request(
  call: Exclude<Call, 'mix'>,
  { login, token }: Sender,
  numbers: Numbers,
): string {
  switch (call) {
    case 'balance':
    case 'orders':
    case 'withdrawals':
      return `GET /api/user/${call} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer ${token}\r\n\r\n`;
    case 'upload':
      return post('orders', numbers.next(), 'text/plain', token);
    case 'withdraw':
      return post(
        'balance/withdraw',
        `{"order":"${numbers.next()}","sum":0.01}`,
        'application/json',
        token,
      );
    case 'login':
      return post('login', JSON.stringify({ login, password: PASSWORD }), 'application/json');
    case 'register':
      return post(
        'register',
        JSON.stringify({ login: numbers.next(), password: PASSWORD }),
        'application/json',
      );
  }
}

function post(path: string, body: string, type: string, token?: string): string {
  const authorization = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`;
  return `POST /api/user/${path} HTTP/1.1\r\nHost: bench\r\n${authorization}Content-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}
