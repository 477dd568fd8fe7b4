import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { claimsOf, forgeToken, readClaims } from '../../support/http/forged-token.js';
import { json, type RawReply, send } from '../../support/http/raw-http.js';
import { expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

const CHANGE = 'POST /api/user/password';
const ATTEMPTS = 3;

describe('a change of the password', () => {
  let service: TestService;
  let replica: TestService;

  beforeAll(async () => {
    const settings = { auth: { passwordMinLength: 4, loginAttemptsPerMinute: ATTEMPTS } };
    service = await startTestService({ settings });
    const { database, accrual } = service;
    replica = await startTestService({ settings, database, accrual });
  });

  afterAll(async () => {
    await replica.stop();
    await service.stop();
  });

  const change = (
    token: string,
    current: string,
    next: string,
    { url } = service,
  ): Promise<RawReply> =>
    send(url, CHANGE, json(JSON.stringify({ current, new: next }), by(token).headers));
  const by = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
  const logIn = (login: string, password: string): Promise<RawReply> =>
    send(service.url, 'POST /api/user/login', json(JSON.stringify({ login, password })));
  const statusOf = async (token: string, { url } = service): Promise<number> =>
    (await send(url, 'GET /api/user/balance', by(token))).status;
  /** A replica that has just started may not know yet which sessions have ended: then it is 503. */
  const knownAt = async (at: TestService, token: string): Promise<number> => {
    let status = 503;
    await eventually('it knows', async () => (status = await statusOf(token, at)) !== 503);
    return status;
  };
  const tokenOf = ({ headers }: RawReply): string => headers.authorization?.slice(7) ?? '';
  const someone = async (): Promise<{ login: string; token: string }> => {
    const { login, authorization } = await service.customer();
    return { login, token: authorization.slice(7) };
  };

  it('gives a new token as a log-in does, and ends all older sessions everywhere', async () => {
    const { login, token } = await someone();
    const other = tokenOf(await logIn(login, 'a password'));
    const old = forgeToken(claimsOf(readClaims(token).sub));
    expect(await knownAt(replica, old)).toBe(200);
    const reply = await change(token, 'a password', 'another');
    expect([reply.status, reply.text]).toEqual([200, '']);
    const next = tokenOf(reply);
    expect(reply.headers['set-cookie']?.[0]).toContain(`token=${next}; `);
    expect(await statusOf(next)).toBe(200);
    expect(await knownAt(replica, next)).toBe(200);
    for (const ended of [token, other, old])
      await eventually('older tokens are refused everywhere', async () => {
        const everywhere = [service, replica, service, replica];
        const statuses = await Promise.all(everywhere.map((at) => statusOf(ended, at)));
        return statuses.every((status) => status === 401);
      });
    expectRefusal(await logIn(login, 'a password'), REFUSALS.wrongPair);
    const again = await logIn(login, 'another');
    expect(await knownAt(replica, tokenOf(again))).toBe(200);
  });

  it('wants the current password, and counts wrong ones as failed log-ins', async () => {
    const { login, token } = await someone();
    for (let failed = 0; failed < ATTEMPTS; failed++)
      expectRefusal(await change(token, `wrong ${failed}`, 'another'), REFUSALS.wrongPair);
    expectRefusal(await change(token, 'a password', 'another'), REFUSALS.loginAttempts);
    expectRefusal(await logIn(login, 'a password'), REFUSALS.loginAttempts);
    expect(await statusOf(token)).toBe(200);
  });

  it('wants a new one as at registration, and says what is wrong', async () => {
    const { login, token } = await someone();
    for (const [next, about] of [
      ['', 'a password has at least one character'],
      ['abc', 'a new password has at least 4 characters'],
      // Four code points, and three in NFC.
      ['abи\u0306', 'a new password has at least 4 characters'],
      ['abc\0', 'a password has neither NUL characters nor lone surrogates'],
    ] as const)
      expectRefusal(await change(token, 'a password', next), REFUSALS.badRequest, 'ru', about);
    for (const body of ['{}', '{"current":"a password"}', '{"current":1,"new":"another"}', '[]'])
      expectRefusal(
        await send(service.url, CHANGE, json(body, by(token).headers)),
        REFUSALS.badRequest,
      );
    expect((await logIn(login, 'a password')).status).toBe(200);
  });

  it('compares in NFC, as a log-in does', async () => {
    const { login, token } = await someone();
    const next = tokenOf(await change(token, 'a password', 'парольи\u0306'));
    expect((await logIn(login, 'парольй')).status).toBe(200);
    expect((await change(next, 'парольй', 'another')).status).toBe(200);
  });

  it('wants a token', async () => {
    expectRefusal(
      await send(service.url, CHANGE, json('{"current":"a password","new":"another"}')),
      REFUSALS.unauthenticated,
    );
  });

  it('by one session twice at once, in different ways, is done once', async () => {
    const { login, token } = await someone();
    const replies = await Promise.all([
      change(token, 'a password', 'this one'),
      change(token, 'a password', 'that one', replica),
    ]);
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 401]);
    const logIns = await Promise.all(['this one', 'that one'].map((each) => logIn(login, each)));
    expect(logIns.map(({ status }) => status)).toEqual(replies.map(({ status }) => status));
  });

  it('leaves no session that a log-in with the old password has just begun', async () => {
    const { login, token } = await someone();
    const [logIns, changed] = await Promise.all([
      Promise.all(Array.from({ length: 6 }, () => logIn(login, 'a password'))),
      change(token, 'a password', 'another'),
    ]);
    expect(changed.status).toBe(200);
    const begun = logIns.filter(({ status }) => status === 200).map(tokenOf);
    for (const each of begun)
      await eventually('it is over', async () => (await statusOf(each)) === 401);
  });
});
