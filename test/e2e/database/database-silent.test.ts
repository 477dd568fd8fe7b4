import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../support/database/test-database.js';
import { eventually } from '../../support/eventually.js';
import type { Customer } from '../../support/http/customer.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { TcpProxy } from '../../support/http/tcp-proxy.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

/** Callers are promised 6 s. The rest is for a machine that is slow itself. */
const PATIENCE_MS = 9_000;
/** Then there will be no answer. Where patience is all that counts, a caller gives up with it. */
const GIVEN_UP_MS = 20_000;

interface Answer {
  readonly status: number;
  readonly ms: number;
}

describe('a database that does not answer', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let service: TestService;
  let customer: Customer;

  beforeAll(async () => {
    database = await createTestDatabase();
    proxy = await TcpProxy.start(database.uri);
    service = await startTestService({ database, databaseUri: proxy.uri });
    customer = await service.customerWith('100');
  });

  afterAll(async () => {
    await service.stop();
    await proxy.stop();
    await database.drop();
  });

  let givenUpMs = GIVEN_UP_MS;

  const ask = async (...request: Parameters<Customer['statusOf']>): Promise<Answer> => {
    const began = performance.now();
    const givenUp = pause(givenUpMs, 0, { ref: false });
    const status = await Promise.race([customer.statusOf(...request), givenUp]);
    return { status, ms: performance.now() - began };
  };

  const everything = (): Promise<Answer>[] => [
    ask('GET', '/api/user/balance'),
    ask('GET', '/api/user/orders'),
    ask('GET', '/api/user/withdrawals'),
    ask('POST', '/api/user/orders', { number: freshNumber() }),
    ask('POST', '/api/user/balance/withdraw', { order: freshNumber(), sum: 1 }),
    ask('POST', '/api/user/login', { login: customer.login, password: 'wrong' }),
    ask('POST', '/api/user/register', { login: freshNumber(), password: 'secret' }),
  ];

  /** As many as there are connections, and as many again that wait for one. */
  const crowd = async (): Promise<Answer[]> => {
    const asked: Promise<Answer>[] = [];
    for (let i = 0; i < 6; i++) {
      asked.push(...everything());
      await new Promise(setImmediate);
    }
    return Promise.all(asked);
  };

  it('keeps nobody waiting, and is asked for no ROLLBACK', async () => {
    expect((await crowd()).map(({ status }) => status)).not.toContain(503);
    // In processes of their own a read waits for what was written.
    await customer.balance();
    proxy.fallSilent();
    givenUpMs = PATIENCE_MS;
    const answers = await crowd();
    givenUpMs = GIVEN_UP_MS;
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
    expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(PATIENCE_MS);
    expect(proxy.swallowed).not.toContain('ROLLBACK');
  });

  it('is asked again on new connections when it is back', async () => {
    proxy.comeBack();
    await eventually('all is served again', async () =>
      (await Promise.all(everything())).every(({ status }) => status < 500),
    );
    expect((await ask('GET', '/health/ready')).status).toBe(200);
  });

  it('keeps nobody waiting where a lock is held', async () => {
    await database.query('BEGIN');
    await database.query('LOCK TABLE gophermart.accounts IN ACCESS EXCLUSIVE MODE');
    const answers = await crowd();
    await database.query('ROLLBACK');
    expect(answers.filter(({ status }) => status === 503)).not.toEqual([]);
    expect(answers.filter(({ status }) => status === 500)).toEqual([]);
    expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(PATIENCE_MS);
    const [balance] = await Promise.all(everything());
    expect(balance?.status).toBe(200);
  });
});
