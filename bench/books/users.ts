import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { JWT_SECRET } from '../../test/torture/support/replica.js';

/**
 * Users are numbered from 1; an SQL expression for the id of the user that `number`, an expression
 * too, stands for.
 */
export function userIdSql(number: string): string {
  return `('00000000-0000-7000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`;
}

export function userId(number: number): string {
  return `00000000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;
}

/** In SQL `'user-' || number`. */
export function loginOf(number: number): string {
  return `user-${number}`;
}

/** So many of `all` users, evenly spread: the pages they are on are too. */
export function evenly(count: number, all: number): number[] {
  return Array.from(
    { length: Math.min(count, all) },
    (_, i) => Math.floor((i * all) / Math.min(count, all)) + 1,
  );
}

/**
 * Users who send requests, in a file that every load generator reads: a login and a token a line.
 */
export interface SignedIn {
  readonly file: string;
  readonly count: number;
}

/**
 * Signs the tokens as the service does: to register thousands would take minutes of password
 * hashing.
 */
export function signIn(users: readonly number[], folder: string, name: string): SignedIn {
  const file = join(folder, `${name}.tokens`);
  writeFileSync(file, users.map((user) => `${loginOf(user)} ${token(user)}\n`).join(''));
  return { file, count: users.length };
}

const DAY_S = 86_400;

function token(user: number): string {
  const iat = Math.floor(Date.now() / 1_000);
  const parts = [
    { alg: 'HS256', typ: 'JWT' },
    { sub: userId(user), iat, exp: iat + DAY_S },
  ];
  const signed = parts
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${signed}.${createHmac('sha256', JWT_SECRET).update(signed).digest('base64url')}`;
}
