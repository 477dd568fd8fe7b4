import { type RawReply, type RawRequest, send } from './raw-http.js';

/** A call of the API as data: the sender decides where to, how often and how patiently. */
export interface Call extends RawRequest {
  /** Method and path, as in `POST /api/user/orders`. */
  readonly line: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export const READS = ['balance', 'orders', 'withdrawals'] as const;
export type Read = (typeof READS)[number];

export function read(what: Read): Call {
  return get(what);
}

/** @param path below `/api/user`. */
export function get(path: string): Call {
  return { line: `GET /api/user/${path}`, headers: {} };
}

export function register(login: string, password: string): Call {
  return post('register', JSON.stringify({ login, password }));
}

export function logIn(login: string, password: string): Call {
  return post('login', JSON.stringify({ login, password }));
}

export function logOut(): Call {
  return { line: 'POST /api/user/logout', headers: {} };
}

/** @param next the password from then on. */
export function changePassword(current: string, next: string): Call {
  return post('password', JSON.stringify({ current, new: next }));
}

/** @param number as it is written, right or wrong. */
export function upload(number: string, form: 'text' | 'json' = 'text'): Call {
  return form === 'text'
    ? post('orders', number, 'text/plain')
    : post('orders', JSON.stringify({ number }));
}

/** @param sum the JSON token that is sent for it. */
export function withdraw(order: string, sum: string): Call {
  return post('balance/withdraw', `{"order":${JSON.stringify(order)},"sum":${sum}}`);
}

/** @param path below `/api/user`. */
export function post(path: string, body: string, type = 'application/json'): Call {
  return { line: `POST /api/user/${path}`, headers: { 'content-type': type }, body };
}

/** The same call by the owner of the token. */
export function by(token: string, call: Call, carrier: 'header' | 'cookie' = 'header'): Call {
  const [name, value] =
    carrier === 'header' ? ['authorization', `Bearer ${token}`] : ['cookie', `token=${token}`];
  return { ...call, headers: { ...call.headers, [name]: value } };
}

/** The token that a reply to a registration or a log-in brings. */
export function tokenOf({ headers }: RawReply): string | undefined {
  return headers.authorization?.replace('Bearer ', '');
}

/** Somebody with an account of their own. */
export interface Member {
  readonly login: string;
  readonly password: string;
  readonly userId: string;
  readonly token: string;
}

/** Registers somebody. @throws Error unless that is answered with a token. */
export async function join(url: string, login: string): Promise<Member> {
  const password = `the password of ${login}`;
  const { line, ...request } = register(login, password);
  const reply = await send(url, line, request);
  const token = tokenOf(reply) ?? '';
  const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
  if (claims === '') throw new Error(`${login} cannot register: ${reply.status} ${reply.text}`);
  return { login, password, token, userId: (JSON.parse(claims) as { sub: string }).sub };
}

/** The calls of the API that are for users who have signed in, but for {@link SESSION_CALLS}. */
export const SIGNED_IN_CALLS = [
  'POST /api/user/orders',
  'GET /api/user/orders',
  'GET /api/user/orders/{number}',
  'GET /api/user/balance',
  'GET /api/user/balance/history',
  'POST /api/user/balance/withdraw',
  'GET /api/user/withdrawals',
] as const;

/** It is for them, too, and its reply has no end. */
export const STREAM_CALL = 'GET /api/user/events';

/** Those that may end the session by which they are made. */
export const SESSION_CALLS = ['POST /api/user/password', 'POST /api/user/logout'] as const;

/** Those with a body. */
export const BODY_CALLS = [
  'POST /api/user/register',
  'POST /api/user/login',
  'POST /api/user/orders',
  'POST /api/user/balance/withdraw',
] as const;
