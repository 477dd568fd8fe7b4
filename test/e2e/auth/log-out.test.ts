import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { claimsOf, forgeToken, readClaims } from '../../support/http/forged-token.js';
import { json, type RawReply, send } from '../../support/http/raw-http.js';
import { expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

const LOG_OUT = 'POST /api/user/logout';

describe('log-out', () => {
  let service: TestService;
  let replica: TestService;

  beforeAll(async () => {
    service = await startTestService();
    const { database, accrual } = service;
    replica = await startTestService({ database, accrual });
  });

  afterAll(async () => {
    await replica.stop();
    await service.stop();
  });

  const by = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
  const statusOf = async (token: string, { url } = service): Promise<number> =>
    (await send(url, 'GET /api/user/balance', by(token))).status;
  /** Each address may stand for two portals, which take turns. */
  const isRefusedEverywhere = (token: string): Promise<void> =>
    eventually('the token is refused everywhere', async () => {
      const everywhere = [service, replica, service, replica];
      const statuses = await Promise.all(everywhere.map((at) => statusOf(token, at)));
      return statuses.every((status) => status === 401);
    });
  /** Signs in somebody new as often as that, as fast as it goes. */
  const tokensOfOne = async (count: number): Promise<string[]> => {
    const { login } = await service.customer();
    const replies = await Promise.all(
      Array.from({ length: count }, (): Promise<RawReply> => {
        const body = JSON.stringify({ login, password: 'a password' });
        return send(service.url, 'POST /api/user/login', json(body));
      }),
    );
    return replies.map(({ headers }) => headers.authorization?.slice(7) ?? '');
  };

  it('has the token refused by every replica, clears the cookie, and says nothing', async () => {
    const [token = ''] = await tokensOfOne(1);
    const reply = await send(service.url, LOG_OUT, by(token));
    expect([reply.status, reply.text]).toEqual([204, '']);
    expect(reply.headers).not.toHaveProperty('content-type');
    expect(reply.headers).not.toHaveProperty('authorization');
    const [cookie = '', ...others] = reply.headers['set-cookie'] ?? [];
    expect(others).toEqual([]);
    expect(cookie).toMatch(/^token=; /);
    expect(cookie.split('; ')).toEqual(expect.arrayContaining(['Max-Age=0', 'Path=/', 'HttpOnly']));
    await isRefusedEverywhere(token);
    expectRefusal(await send(service.url, LOG_OUT, by(token)), REFUSALS.unauthenticated);
  });

  it('ends the session of this token alone, also of those that began in one second', async () => {
    const [first = '', ...others] = await tokensOfOne(3);
    expect(
      (await send(service.url, LOG_OUT, { headers: { cookie: `token=${first}` } })).status,
    ).toBe(204);
    await isRefusedEverywhere(first);
    for (const token of others) expect(await statusOf(token, replica)).toBe(200);
  });

  it('ends a session of an earlier version, whose token has no generation', async () => {
    const [token = ''] = await tokensOfOne(1);
    const old = forgeToken(claimsOf(readClaims(token).sub));
    expect(await statusOf(old)).toBe(200);
    expect((await send(replica.url, LOG_OUT, by(old))).status).toBe(204);
    await isRefusedEverywhere(old);
    expect(await statusOf(token)).toBe(200);
  });

  it('ends a session whose token expires when no database has a time for it', async () => {
    const [token = ''] = await tokensOfOne(1);
    const absurd = forgeToken({ ...claimsOf(readClaims(token).sub), exp: 1e18 });
    expect((await send(service.url, LOG_OUT, by(absurd))).status).toBe(204);
    await isRefusedEverywhere(absurd);
  });

  it('wants a token, of a user who exists', async () => {
    expectRefusal(await send(service.url, LOG_OUT), REFUSALS.unauthenticated);
    const nobody = forgeToken(claimsOf('01890a5d-ac96-774b-bcce-b302099a8057'));
    expectRefusal(await send(service.url, LOG_OUT, by(nobody)), REFUSALS.unauthenticated);
  });

  it('is for pages of this origin alone where a cookie says who it is', async () => {
    const [token = ''] = await tokensOfOne(1);
    const headers = { cookie: `token=${token}`, 'sec-fetch-site': 'cross-site' };
    expectRefusal(await send(service.url, LOG_OUT, { headers }), REFUSALS.unauthenticated);
    expect(await statusOf(token)).toBe(200);
  });

  it('at once a hundred times is one log-out', async () => {
    const [token = ''] = await tokensOfOne(1);
    const replies = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        send(i % 2 ? service.url : replica.url, LOG_OUT, by(token)),
      ),
    );
    const statuses = new Set(replies.map(({ status }) => status));
    expect(statuses.has(204)).toBe(true);
    expect([204, 401]).toEqual(expect.arrayContaining([...statuses]));
    const ends = await service.database.query(
      'SELECT FROM gophermart.session_ends WHERE user_id = $1',
      [readClaims(token).sub],
    );
    expect(ends).toHaveLength(1);
  });
});
