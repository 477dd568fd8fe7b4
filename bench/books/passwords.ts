import type { BenchDatabase } from '../stage/database.js';
import { PASSWORD } from '../load/order.js';

/**
 * Everybody gets the one password, hashed by the service itself, with the cost that it thinks
 * right.
 */
export async function givePasswords(
  url: string,
  database: BenchDatabase,
  name: string,
): Promise<void> {
  const login = 'whose password is everybody’s';
  const reply = await fetch(`${url}/api/user/register`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ login, password: PASSWORD }),
  });
  if (reply.status !== 200) throw new Error(`registering was answered ${reply.status}`);
  await database.session(name, async (query) => {
    await query(
      'UPDATE gophermart.users SET password_hash = (SELECT password_hash FROM gophermart.users WHERE login = $1)',
      [login],
    );
    await query('VACUUM ANALYZE gophermart.users');
  });
}
