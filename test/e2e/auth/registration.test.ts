import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { json, type RawReply, send } from '../../support/http/raw-http.js';
import { expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

describe('registration', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await startTestService();
  });

  afterAll(() => service.stop());

  const register = (login: string, password = 'secret'): Promise<RawReply> =>
    send(service.url, 'POST /api/user/register', json(JSON.stringify({ login, password })));
  const logIn = (login: string, password = 'secret'): Promise<RawReply> =>
    send(service.url, 'POST /api/user/login', json(JSON.stringify({ login, password })));

  it('signs the new user in at once, with the same token in a header and in a cookie', async () => {
    const reply = await register(randomUUID());
    expect([reply.status, reply.text]).toEqual([200, '']);
    const [, token] =
      /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/.exec(reply.headers.authorization ?? '') ?? [];
    const [cookie = '', ...others] = reply.headers['set-cookie'] ?? [];
    expect(others).toEqual([]);
    const [pair, ...attributes] = cookie.split('; ');
    expect(pair).toBe(`token=${token}`);
    expect(attributes).toEqual(
      expect.arrayContaining([
        'HttpOnly',
        'Path=/',
        expect.stringMatching(/^SameSite=(Strict|Lax)$/),
      ]),
    );
    const balance = await send(service.url, 'GET /api/user/balance', {
      headers: { authorization: `Bearer ${token}` },
    });
    expect([balance.status, balance.text]).toEqual([200, '{"current":0,"withdrawn":0}']);
  });

  it('refuses a taken login, whatever the password, and leaves its owner alone', async () => {
    const login = randomUUID();
    await register(login, 'first');
    const again = await register(login, 'second');
    expectRefusal(again, REFUSALS.loginTaken);
    expect(again.headers).not.toHaveProperty('authorization');
    expect(again.headers).not.toHaveProperty('set-cookie');
    expectRefusal(await register(login, 'first'), REFUSALS.loginTaken);
    expect((await logIn(login, 'first')).status).toBe(200);
    expectRefusal(await logIn(login, 'second'), REFUSALS.wrongPair);
  });

  it('tells logins apart by case and by white space', async () => {
    const login = `gopher-${randomUUID()}`;
    const spellings = [login, login.toUpperCase(), ` ${login}`, `${login} `];
    for (const spelling of spellings) expect((await register(spelling, spelling)).status).toBe(200);
    for (const spelling of spellings) expect((await logIn(spelling, spelling)).status).toBe(200);
    expectRefusal(await logIn(login.toUpperCase(), login), REFUSALS.wrongPair);
    expectRefusal(await logIn(login.replace('gopher', 'Gopher'), login), REFUSALS.wrongPair);
  });

  it('takes the normal forms of a login and of a password for the same', async () => {
    const suffix = randomUUID();
    const [composed, decomposed] = [`й${suffix}`, `и\u0306${suffix}`];
    expect((await register(decomposed, decomposed)).status).toBe(200);
    for (const login of [composed, decomposed]) {
      expectRefusal(await register(login), REFUSALS.loginTaken);
      for (const password of [composed, decomposed])
        expect((await logIn(login, password)).status).toBe(200);
      expectRefusal(await logIn(login, suffix), REFUSALS.wrongPair);
    }
  });

  it('takes logins of 1 to 255 characters, and counts neither bytes nor UTF-16 units', async () => {
    const unique = randomUUID();
    for (const longest of [
      unique.padEnd(255, 'x'),
      unique.padEnd(255, 'я'),
      unique + '🦫'.repeat(255 - unique.length),
    ]) {
      expect((await register(longest)).status).toBe(200);
      expect((await logIn(longest)).status).toBe(200);
      expectRefusal(await register(`${longest}x`), REFUSALS.badRequest);
      expectRefusal(await logIn(`${longest}x`), REFUSALS.badRequest);
    }
    expect((await register('я')).status).toBe(200);
  });

  it.each(['', ' ', '\t\r\n', '\u00a0\u2003'])('refuses the blank login %j', async (login) => {
    expectRefusal(await register(login), REFUSALS.badRequest);
    expectRefusal(await logIn(login), REFUSALS.badRequest);
  });

  it('refuses an empty password, and takes one of a space', async () => {
    expectRefusal(await register(randomUUID(), ''), REFUSALS.badRequest);
    expect((await register(randomUUID(), ' ')).status).toBe(200);
  });

  it('wants the length of PASSWORD_MIN_LENGTH, which log-in does not', async () => {
    const login = randomUUID();
    expect((await register(login, 'short')).status).toBe(200);
    const strict = await startTestService({
      settings: { auth: { passwordMinLength: 8 } },
      database: service.database,
    });
    try {
      const post = (call: string, name: string, password: string): Promise<RawReply> =>
        send(strict.url, `POST /api/user/${call}`, json(JSON.stringify({ login: name, password })));
      const refused = await post('register', randomUUID(), '1234567');
      expectRefusal(refused, REFUSALS.badRequest);
      expect(refused.headers['x-error-detail']).toBe('a new password has at least 8 characters');
      expect((await post('register', randomUUID(), '12345678')).status).toBe(200);
      expect((await post('login', login, 'short')).status).toBe(200);
    } finally {
      await strict.stop();
    }
  });

  it.each(["' OR 1=1 --", '<script>', 'null', '%00', '../..', '🦫', '{"a":1}'])(
    'takes the login %j as it stands',
    async (oddity) => {
      const login = `${oddity}${randomUUID()}`;
      expect((await register(login)).status).toBe(200);
      expect((await logIn(login)).status).toBe(200);
      const rows = await service.database.query('SELECT FROM gophermart.users WHERE login = $1', [
        login,
      ]);
      expect(rows).toHaveLength(1);
    },
  );

  it('never stores a password in the clear', async () => {
    const [login, password] = [randomUUID(), `secret-${randomUUID()}`];
    await register(login, password);
    const [user] = await service.database.query('SELECT * FROM gophermart.users WHERE login = $1', [
      login,
    ]);
    expect(JSON.stringify(user)).toContain('$argon2id$');
    expect(JSON.stringify(user)).not.toContain(password);
  });
});
