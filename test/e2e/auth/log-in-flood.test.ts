import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Customer } from '../../support/http/customer.js';
import { json, type RawReply, send } from '../../support/http/raw-http.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

describe('a flood of log-ins from one address', () => {
  let service: TestService;
  let login: string;

  beforeAll(async () => {
    service = await startTestService({
      settings: { auth: { hashConcurrency: 1, hashQueue: 100 }, http: { trustProxy: 1 } },
    });
    ({ login } = await Customer.register(service.url, randomUUID(), 'right'));
  });

  afterAll(() => service.stop());

  const post = (path: string, body: object, address: string): Promise<RawReply> =>
    send(
      service.url,
      `POST /api/user/${path}`,
      json(JSON.stringify(body), { 'x-forwarded-for': address }),
    );

  it('lets others in and register beside it, and is itself refused', async () => {
    // 300 at once, each of a login that nobody has: three times what may wait.
    const statuses: number[] = [];
    let refused: () => void;
    const full = new Promise<void>((resolve) => (refused = resolve));
    const flood = Array.from({ length: 300 }, async () => {
      const guess = { login: randomUUID(), password: 'wrong' };
      const { status } = await post('login', guess, '203.0.113.1');
      statuses.push(status);
      if (status === 429) refused();
    });
    const served = (): number => statuses.filter((status) => status === 401).length;
    await full;
    const servedBefore = served();
    const replies = [
      await post('login', { login, password: 'right' }, '203.0.113.2'),
      await post('register', { login: randomUUID(), password: 'p' }, '203.0.113.2'),
      await post('login', { login, password: 'right' }, '2001:db8::1'),
    ];
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
    // Each waited for a hash or two of the flood, and not for the 100 that were there before.
    expect(served() - servedBefore).toBeLessThan(60);
    await Promise.all(flood);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect(served()).toBeGreaterThan(90);
  });
});
