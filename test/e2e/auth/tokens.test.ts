import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';
import { SIGNED_IN_CALLS } from '../../support/http/client.js';
import type { Customer } from '../../support/http/customer.js';
import { claimsOf, encode, forgeToken, readClaims } from '../../support/http/forged-token.js';
import { type RawReply, send } from '../../support/http/raw-http.js';
import { expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

describe('the token', () => {
  let service: TestService;
  let customer: Customer;
  let token: string;
  let userId: string;

  beforeAll(async () => {
    service = await startTestService();
    customer = await service.customer();
    token = customer.authorization.replace('Bearer ', '');
    userId = readClaims(token).sub;
  });

  afterAll(() => service.stop());

  const balance = (headers: OutgoingHttpHeaders): Promise<RawReply> =>
    send(service.url, 'GET /api/user/balance', { headers });
  const accepts = async (headers: OutgoingHttpHeaders): Promise<void> => {
    expect((await balance(headers)).status).toBe(200);
  };
  const refuses = async (headers: OutgoingHttpHeaders, about?: string): Promise<void> => {
    const reply = await balance(headers);
    expectRefusal(reply, REFUSALS.unauthenticated, 'ru', about);
    expect(reply.headers['www-authenticate']).toBe('Bearer');
  };

  it.each(SIGNED_IN_CALLS)('is demanded by %s, in either carrier', async (call) => {
    expectRefusal(await send(service.url, call), REFUSALS.unauthenticated);
    expectRefusal(
      await send(service.url, call, { headers: { 'accept-language': 'en' } }),
      REFUSALS.unauthenticated,
      'en',
    );
    for (const headers of [{ authorization: `Bearer ${token}` }, { cookie: `token=${token}` }]) {
      expect((await send(service.url, call, { headers })).status).not.toBe(401);
    }
    for (const headers of [{ authorization: `Bearer ${token}x` }, { cookie: `token=${token}x` }]) {
      expectRefusal(await send(service.url, call, { headers }), REFUSALS.unauthenticated);
    }
  });

  it('is taken from the cookie among others, and with the scheme in any case', async () => {
    await accepts({ cookie: `theme=dark; token=${token}; lang=ru` });
    await accepts({ authorization: `bearer ${token}` });
    await accepts({ authorization: `BEARER ${token}` });
  });

  it.each(['', 'Bearer', 'Bearer ', 'Basic Z29waGVyOnNlY3JldA==', 'Bearer nonsense', 'nonsense'])(
    'of the cookie does not count beside the header %j',
    async (authorization) => {
      await refuses({ authorization, cookie: `token=${token}` });
    },
  );

  it('of the header counts beside a broken cookie, and beside that of somebody else', async () => {
    const [other, rich] = [await service.customer(), await service.customerWith('5')];
    await accepts({ authorization: `Bearer ${token}`, cookie: 'token=nonsense' });
    const reply = await balance({
      authorization: rich.authorization,
      cookie: `token=${other.authorization.slice(7)}`,
    });
    expect(reply.text).toBe('{"current":5,"withdrawn":0}');
  });

  it('is refused when malformed', async () => {
    const [head = '', body = '', signature = ''] = token.split('.');
    for (const malformed of [
      'x',
      '..',
      `${head}.${body}`,
      `${head}.${body}.`,
      `${head}..${signature}`,
      `${token}.${signature}`,
      `${token} ${token}`,
      ` ${head} . ${body} . ${signature}`,
      'a'.repeat(10_000),
    ]) {
      await refuses({ authorization: `Bearer ${malformed}` }, malformed);
    }
    for (const header of [
      token,
      `Bearer,${token}`,
      `Token ${token}`,
      `Bearer=${token}`,
      `Bearer "${token}"`,
    ]) {
      await refuses({ authorization: header }, header);
    }
  });

  it('is refused when tampered with, in any part', async () => {
    const [head = '', body = '', signature = ''] = token.split('.');
    const victim = await service.customer();
    const stolen = encode({
      ...readClaims(token),
      sub: readClaims(victim.authorization.slice(7)).sub,
    });
    await refuses({ authorization: `Bearer ${head}.${stolen}.${signature}` }, 'another user’s id');
    const longer = encode({ ...readClaims(token), exp: readClaims(token).exp + 1 });
    await refuses({ authorization: `Bearer ${head}.${longer}.${signature}` }, 'a longer life');
    const flipped = (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1);
    await refuses({ authorization: `Bearer ${head}.${body}.${flipped}` }, 'another signature');
  });

  it('is refused without a signature, and with another key or algorithm', async () => {
    const claims = claimsOf(userId);
    await accepts({ authorization: `Bearer ${forgeToken(claims)}` });
    for (const alg of ['none', 'None', 'NONE', 'nOnE']) {
      const unsigned = `${encode({ alg, typ: 'JWT' })}.${encode(claims)}.`;
      await refuses({ authorization: `Bearer ${unsigned}` }, alg);
      await refuses({ cookie: `token=${unsigned}` }, alg);
      await refuses(
        { authorization: `Bearer ${forgeToken(claims, { header: { alg, typ: 'JWT' } })}` },
        `${alg}, signed`,
      );
    }
    await refuses(
      { authorization: `Bearer ${forgeToken(claims, { key: 'somebody else’s key' })}` },
      'another key',
    );
    await refuses({ authorization: `Bearer ${forgeToken(claims, { key: '' })}` }, 'no key');
    const hs512 = forgeToken(claims, { header: { alg: 'HS512', typ: 'JWT' }, hash: 'sha512' });
    await refuses({ authorization: `Bearer ${hs512}` }, 'HS512');
    await refuses(
      { authorization: `Bearer ${forgeToken(claims, { header: { typ: 'JWT' } })}` },
      'no algorithm',
    );
  });

  it('is refused when it expired, was signed for later, or never ends', async () => {
    const claims = claimsOf(userId);
    await refuses(
      { authorization: `Bearer ${forgeToken({ ...claims, exp: claims.iat - 1 })}` },
      'expired',
    );
    await refuses(
      { authorization: `Bearer ${forgeToken({ ...claims, nbf: claims.iat + 600 })}` },
      'not before',
    );
    await refuses(
      { authorization: `Bearer ${forgeToken({ ...claims, iat: claims.exp })}` },
      'by a clock that was wrong',
    );
    await refuses(
      { authorization: `Bearer ${forgeToken({ sub: claims.sub, iat: claims.iat })}` },
      'no end',
    );
  });

  it('is refused when well signed, but naming nobody who could be a user', async () => {
    for (const sub of [randomUUID(), '', 'gopher', "' OR 1=1", 1, null, ['x'], { $ne: null }]) {
      await refuses(
        { authorization: `Bearer ${forgeToken({ ...claimsOf(userId), sub })}` },
        JSON.stringify(sub),
      );
    }
    await refuses({ authorization: `Bearer ${forgeToken([])}` }, 'no claims');
  });

  it.each(SIGNED_IN_CALLS)('of a deleted user is refused by %s', async (call) => {
    const leaver = await service.customer();
    const headers = { authorization: leaver.authorization };
    expect((await send(service.url, call, { headers })).status).not.toBe(401);
    await service.database.query('DELETE FROM gophermart.users WHERE login = $1', [leaver.login]);
    expectRefusal(await send(service.url, call, { headers }), REFUSALS.unauthenticated);
  });
});
