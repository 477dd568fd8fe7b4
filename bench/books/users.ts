import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { register } from '../../test/support/http/client.js';
import { claimsOf, forgeToken } from '../../test/support/http/forged-token.js';
import type { DatabaseServer } from '../../test/support/processes/database-server.js';
import { send } from '../../test/support/http/raw-http.js';
import { PASSWORD } from '../load/requests.js';

/**
 * Users are numbered from 1; an SQL expression for the id of the user that `number`, an expression
 * too, stands for.
 */
export function userIdSql(number: string): string {
  return `('00000000-0000-7000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`;
}

/** Users who send requests, in a file that load generators read: a login and a token a line. */
export interface SignedIn {
  readonly file: string;
  readonly count: number;
}

/** The numbers of `count` of `all` users, evenly spread, as the pages that they are on. */
export function evenly(count: number, all: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.floor((i * all) / count) + 1);
}

/**
 * Signs the tokens as the service does: to register thousands would take minutes of password
 * hashing.
 */
export function signIn(users: readonly number[], folder: string): SignedIn {
  const file = join(folder, `${users.length}-from-${users[0] ?? 0}-to-${users.at(-1) ?? 0}.tokens`);
  writeFileSync(file, users.map((user) => `user-${user} ${token(user)}\n`).join(''));
  return { file, count: users.length };
}

/** Everybody gets the one password, hashed by the service itself, at the cost it has chosen. */
export async function givePasswords(
  url: string,
  server: DatabaseServer,
  database: string,
): Promise<void> {
  const login = 'the user whose password all others get';
  const { line, ...request } = register(login, PASSWORD);
  const { status } = await send(url, line, request);
  if (status !== 200) throw new Error(`registering was answered ${status}`);
  await server.session(database, async (query) => {
    await query(
      `UPDATE gophermart.users
       SET password_hash = (SELECT password_hash FROM gophermart.users WHERE login = $1)`,
      [login],
    );
    await query('VACUUM ANALYZE gophermart.users');
  });
}

function token(user: number): string {
  const sub = `00000000-0000-7000-8000-${user.toString(16).padStart(12, '0')}`;
  return forgeToken(claimsOf(sub));
}
