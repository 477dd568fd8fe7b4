import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Customer } from '../../support/http/customer.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { eventually, processed } from '../../support/fakes/scripted-accrual.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

interface Gate {
  readonly breaker_open: boolean;
}

/** Far longer than a reply takes on a busy machine: none of those that come may be late. */
const TIMEOUT_MS = 1_500;

describe('an outage of the accrual system', () => {
  let service: TestService;
  let customer: Customer;

  beforeEach(async () => {
    service = await startTestService({
      settings: {
        cashback: { tickMs: 20, timeoutMs: TIMEOUT_MS, leaseMs: 10_000, rules: { maxTries: 2 } },
      },
    });
    customer = await service.customer();
  });

  afterEach(() => service.stop());

  const isOpen = async (): Promise<boolean> =>
    (await service.database.query<Gate>('SELECT breaker_open FROM gophermart.accrual_gate'))[0]
      ?.breaker_open === true;
  const uploadMany = (count: number): Promise<unknown> =>
    Promise.all(Array.from({ length: count }, () => customer.upload(freshNumber())));
  const answerAll = (): void => {
    service.accrual.fallback = (request, response) =>
      void response.end(processed(request.url?.replace('/api/orders/', '') ?? '', 1).body);
  };

  it.each([
    ['errors', { status: 503 }],
    ['silence', () => undefined],
  ] as const)(
    'by %s opens the breaker, probes once a second, spends no try; then the backlog is worked off',
    async (_, outage) => {
      service.accrual.fallback = outage;
      await uploadMany(40);
      await eventually('the breaker is open', isOpen);
      const opened = Date.now();
      const probes = (): readonly { at: number }[] =>
        service.accrual.requests.filter(({ at }) => at > opened + TIMEOUT_MS);
      await eventually('three probes went out', () => probes().length >= 3);
      // Each arrives a little late on a busy machine, and the next one in time.
      probes().forEach(({ at }, i) => {
        const before = probes()[i - 1];
        if (before) expect(at - before.at).toBeGreaterThan(500);
      });
      const [spent] = await service.database.query<{ tries: number; failed: string }>(
        `SELECT max(tries) AS tries, count(*) FILTER (WHERE status = 'FAILED') AS failed
         FROM gophermart.queue`,
      );
      expect(spent).toEqual({ tries: 0, failed: '0' });
      answerAll();
      // At one probe a second it would take 40 s.
      await eventually(
        'everything is credited',
        async () => (await customer.balance()).current === 40,
      );
      expect(await isOpen()).toBe(false);
    },
  );

  it('does not open for some orders that always fail while others are answered', async () => {
    answerAll();
    const failing = Array.from({ length: 10 }, freshNumber);
    for (const number of failing) service.accrual.script(number, { status: 500 });
    for (const number of failing) await customer.upload(number);
    // Other orders are uploaded and answered until all those that fail are parked.
    await eventually('the failing orders are parked', async () => {
      await uploadMany(3);
      const parked = await service.database.query(
        `SELECT 1 FROM gophermart.queue WHERE status = 'FAILED'`,
      );
      return parked.length === failing.length;
    });
    expect(await isOpen()).toBe(false);
    const parked = await service.database.query<{ tries: number; reason: string }>(
      'SELECT tries, reason FROM gophermart.queue WHERE status = $1',
      ['FAILED'],
    );
    expect(parked).toEqual(failing.map(() => ({ tries: 2, reason: 'status 500' })));
    for (const number of failing)
      expect(await customer.order(number)).toMatchObject({ status: 'PROCESSING' });
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    expect(metrics).toContain('cashback_tasks{status="FAILED"} 10');
    expect(metrics).toContain('cashback_orders_parked_total 10');
  });
});
