import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Books } from '../../../support/database/books.js';
import { freshNumber } from '../../../support/http/order-numbers.js';
import { eventually } from '../../../support/eventually.js';
import { invalid, processed } from '../../../support/fakes/scripted-accrual.js';
import { startTestService, type TestService } from '../../../support/http/test-service.js';

describe('the lease of a task', () => {
  const services: TestService[] = [];

  afterEach(async () => {
    for (const service of services.splice(0).reverse()) await service.stop();
  });

  async function start(...[options]: Parameters<typeof startTestService>): Promise<TestService> {
    const service = await startTestService(options);
    services.push(service);
    return service;
  }

  /** Scripts the first reply for `number` to wait until the test sends it. */
  function withheld(
    service: TestService,
    number: string,
    ...then: Parameters<TestService['accrual']['script']>[1][]
  ): () => ServerResponse | undefined {
    let held: ServerResponse | undefined;
    service.accrual.script(number, (_, response) => void (held = response), ...then);
    return () => held;
  }

  it('ends before a slow reply comes, which then changes nothing', async () => {
    const service = await start({
      settings: { cashback: { tickMs: 20, leaseMs: 2_000, timeoutMs: 10_000 } },
    });
    const customer = await service.customer();
    const number = freshNumber();
    const held = withheld(service, number, invalid(number));
    await customer.upload(number);
    await eventually(
      'the order is invalid',
      async () => (await customer.order(number))?.status === 'INVALID',
    );
    held()?.end(processed(number, 500).body);
    await eventually('the late reply arrived', async () =>
      (await (await fetch(`${service.url}/metrics`)).text()).includes(
        'cashback_resolutions_late_total 1',
      ),
    );
    expect(await customer.order(number)).toMatchObject({ status: 'INVALID' });
    expect(await customer.balance()).toEqual({ current: 0, withdrawn: 0 });
  });

  it('passes to another replica when its worker hangs', async () => {
    const settings = { cashback: { tickMs: 20, leaseMs: 3_000, timeoutMs: 10_000 } };
    const hanging = await start({ settings });
    const customer = await hanging.customer();
    const number = freshNumber();
    const held = withheld(hanging, number, processed(number, 5));
    await customer.upload(number);
    await eventually('its request has arrived', () => held() !== undefined);
    await start({ settings, database: hanging.database, accrual: hanging.accrual });
    await eventually('it is credited', async () => (await customer.balance()).current === 5);
    held()?.end(processed(number, 500).body);
    await eventually('its request is over', () => held()?.writableFinished === true);
    expect(await customer.balance()).toEqual({ current: 5, withdrawn: 0 });
    expect(hanging.accrual.requests).toHaveLength(2);
  });

  it('is given up at once by a replica that stops', async () => {
    const settings = { cashback: { tickMs: 20 } };
    const staying = await start({ settings: { cashback: { tickMs: 20, enabled: false } } });
    const stopping = await startTestService({
      settings,
      database: staying.database,
      accrual: staying.accrual,
    });
    const customer = await staying.customer();
    const numbers = Array.from({ length: 10 }, freshNumber);
    for (const number of numbers) {
      withheld(staying, number, processed(number, 1));
      await customer.upload(number);
    }
    await eventually(
      'all requests have arrived',
      () => staying.accrual.requests.length === numbers.length,
    );
    await stopping.stop();
    const tasks = await staying.database.query(
      `SELECT status, tries, standing, next_attempt_at <= clock_timestamp() AS due
       FROM gophermart.queue`,
    );
    expect(tasks).toEqual(
      numbers.map(() => ({ status: 'PENDING', tries: 0, standing: 'FRESH', due: true })),
    );
    await start({ settings, database: staying.database, accrual: staying.accrual });
    await eventually(
      'all are credited',
      async () => (await customer.balance()).current === numbers.length,
    );
    expect(await new Books(staying.database).count('ledger_entries')).toBe(numbers.length);
  });
});
