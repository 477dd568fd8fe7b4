import { afterEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Customer } from '../../support/http/customer.js';
import { HeldClock } from '../../support/fakes/fake-clock.js';
import { json, type RawReply, send } from '../../support/http/raw-http.js';
import { expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import {
  startTestService,
  type TestService,
  type TestServiceOptions,
} from '../../support/http/test-service.js';

describe('the limit of failed log-ins', () => {
  let service: TestService;

  afterEach(() => service.stop());

  const start = async (settings: TestServiceOptions['settings'] = {}): Promise<HeldClock> => {
    service = await startTestService({ settings });
    return new HeldClock(service);
  };
  const user = (login: string = randomUUID()): Promise<Customer> =>
    Customer.register(service.url, login, 'right');
  const logIn = (login: string, password: string, headers = {}): Promise<RawReply> =>
    send(service.url, 'POST /api/user/login', json(JSON.stringify({ login, password }), headers));
  const fail = async (login: string, times: number, headers = {}): Promise<void> => {
    for (let i = 0; i < times; i++)
      expectRefusal(await logIn(login, 'wrong', headers), REFUSALS.wrongPair);
  };

  it('refuses even the right password after ten failures, until the minute is over', async () => {
    const clock = await start();
    const { login } = await user();
    await fail(login, 10);
    clock.advance(20_000);
    for (const password of ['wrong', 'right']) {
      const refused = await logIn(login, password);
      expectRefusal(refused, REFUSALS.loginAttempts);
      expect(refused.headers['retry-after']).toBe('40');
    }
    clock.advance(40_000);
    expect((await logIn(login, 'right')).status).toBe(200);
  });

  it('says so in English, too', async () => {
    await start({ auth: { loginAttemptsPerMinute: 1 } });
    const { login } = await user();
    await fail(login, 1);
    expectRefusal(
      await logIn(login, 'right', { 'accept-language': 'en' }),
      REFUSALS.loginAttempts,
      'en',
    );
  });

  it('counts failures only', async () => {
    await start({ auth: { loginAttemptsPerMinute: 3 } });
    const { login } = await user();
    await fail(login, 2);
    for (let i = 0; i < 5; i++) expect((await logIn(login, 'right')).status).toBe(200);
    await fail(login, 1);
    expectRefusal(await logIn(login, 'right'), REFUSALS.loginAttempts);
  });

  it('counts a login that nobody has in the same way', async () => {
    await start({ auth: { loginAttemptsPerMinute: 3 } });
    const nobody = randomUUID();
    await fail(nobody, 3);
    expectRefusal(await logIn(nobody, 'wrong'), REFUSALS.loginAttempts);
  });

  it('leaves other logins from the address alone, even one that differs only in case', async () => {
    await start({ auth: { loginAttemptsPerMinute: 2 } });
    const [victim, neighbour] = [await user(), await user()];
    const shouting = await user(victim.login.toUpperCase());
    await fail(victim.login, 2);
    expectRefusal(await logIn(victim.login, 'right'), REFUSALS.loginAttempts);
    expect((await logIn(neighbour.login, 'right')).status).toBe(200);
    expect((await logIn(shouting.login, 'right')).status).toBe(200);
  });

  it('leaves the same login from other addresses alone', async () => {
    await start({ auth: { loginAttemptsPerMinute: 2 }, http: { trustProxy: true } });
    const { login } = await user();
    const [guesser, owner] = [
      { 'x-forwarded-for': '203.0.113.1' },
      { 'x-forwarded-for': '203.0.113.2' },
    ];
    await fail(login, 2, guesser);
    expectRefusal(await logIn(login, 'right', guesser), REFUSALS.loginAttempts);
    expect((await logIn(login, 'right', owner)).status).toBe(200);
  });

  it.each([true, 1, ['127.0.0.0/8']])(
    'counts what the proxy says, and not what the client wrote before it (%j)',
    async (trustProxy) => {
      await start({ auth: { loginAttemptsPerMinute: 2 }, http: { trustProxy } });
      const { login } = await user();
      for (const forged of ['10.0.0.7', '10.0.0.8'])
        await fail(login, 1, { 'x-forwarded-for': `${forged}, 203.0.113.1` });
      for (const own of ['10.0.0.9, 203.0.113.1', '203.0.113.1:50123', '::ffff:203.0.113.1'])
        expectRefusal(
          await logIn(login, 'right', { 'x-forwarded-for': own }),
          REFUSALS.loginAttempts,
        );
    },
  );

  it('counts what the proxy says behind thousands of lines that the client wrote', async () => {
    await start({ auth: { loginAttemptsPerMinute: 2 }, http: { trustProxy: 1 } });
    const { login } = await user();
    const body = JSON.stringify({ login, password: 'wrong' });
    const sized = ['Host', 'a', 'Content-Type', 'application/json', 'Content-Length', body.length];
    const lines = Array.from({ length: 2_000 }, () => ['a', '']).flat();
    const guess = (forged: string): Promise<RawReply> =>
      send(service.url, 'POST /api/user/login', {
        headers: [
          ...sized.map(String),
          ...['X-Forwarded-For', forged, ...lines, 'X-Forwarded-For', '203.0.113.1'],
        ],
        body,
      });
    for (const forged of ['10.0.0.7', '10.0.0.8'])
      expectRefusal(await guess(forged), REFUSALS.wrongPair);
    expectRefusal(await guess('10.0.0.9'), REFUSALS.loginAttempts);
  });

  it('counts all addresses of an IPv6 network as one', async () => {
    await start({ auth: { loginAttemptsPerMinute: 2 }, http: { trustProxy: 1 } });
    const { login } = await user();
    for (const end of ['1', 'ffff:1'])
      await fail(login, 1, { 'x-forwarded-for': `2001:db8::${end}` });
    const [same, other] = ['2001:db8::2', '2001:db8:0:1::2'];
    expectRefusal(await logIn(login, 'right', { 'x-forwarded-for': same }), REFUSALS.loginAttempts);
    expect((await logIn(login, 'right', { 'x-forwarded-for': other })).status).toBe(200);
  });

  it('gives a client no new count for each text that is no address', async () => {
    await start({ auth: { loginAttemptsPerMinute: 2 }, http: { trustProxy: 1 } });
    const { login } = await user();
    for (const garbage of ['unknown', 'nonsense'])
      await fail(login, 1, { 'x-forwarded-for': garbage });
    expectRefusal(await logIn(login, 'right', { 'x-forwarded-for': 'x' }), REFUSALS.loginAttempts);
  });

  it('does not believe a client about its address unless told to', async () => {
    await start({ auth: { loginAttemptsPerMinute: 2 } });
    const { login } = await user();
    await fail(login, 1, { 'x-forwarded-for': '203.0.113.1' });
    await fail(login, 1, { 'x-forwarded-for': '203.0.113.2' });
    expectRefusal(
      await logIn(login, 'right', { 'x-forwarded-for': '203.0.113.3' }),
      REFUSALS.loginAttempts,
    );
  });

  it('answers no more than ten guesses that are made all at once', async () => {
    await start();
    const { login } = await user();
    const replies = await Promise.all(Array.from({ length: 30 }, () => logIn(login, 'wrong')));
    const statuses = replies.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array<number>(10).fill(401), ...Array<number>(20).fill(429)]);
  });

  it('refuses an address that has failed too often over all logins, and no other', async () => {
    await start({ auth: { loginAttemptsPerMinutePerAddress: 5 }, http: { trustProxy: 1 } });
    const { login } = await user();
    const [here, there] = ['203.0.113.1', '203.0.113.2'].map((address) => ({
      'x-forwarded-for': address,
    }));
    const logins = Array.from({ length: 20 }, () => randomUUID());
    const replies = await Promise.all(logins.map((each) => logIn(each, 'wrong', here)));
    const statuses = replies.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array<number>(5).fill(401), ...Array<number>(15).fill(429)]);
    expectRefusal(await logIn(login, 'right', here), REFUSALS.loginAttempts);
    expect((await logIn(login, 'right', there)).status).toBe(200);
  });

  it('has no limit where it is set to 0', async () => {
    await start({ auth: { loginAttemptsPerMinute: 0 } });
    const { login } = await user();
    await fail(login, 12);
    expect((await logIn(login, 'right')).status).toBe(200);
  });

  it('lets the signed-in go on', async () => {
    await start({ auth: { loginAttemptsPerMinute: 1 } });
    const customer = await user();
    await fail(customer.login, 1);
    expect((await customer.call('GET', '/api/user/balance')).status).toBe(200);
  });
});
