import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { QueueRunner } from '../../../../src/cashback/index.js';
import type { Customer } from '../../../support/http/customer.js';
import { freshNumber } from '../../../support/http/order-numbers.js';
import { eventually } from '../../../support/eventually.js';
import { processed, type ScriptedAccrual } from '../../../support/fakes/scripted-accrual.js';
import { startTestService, type TestService } from '../../../support/http/test-service.js';

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
    // On a busy machine a reply may take longer than the time-out.
    const reason: unknown = expect.stringMatching(/^(status 500|.*no reply within \d+ ms)$/);
    expect(parked).toEqual(failing.map(() => ({ tries: 2, reason })));
    for (const number of failing)
      expect(await customer.order(number)).toMatchObject({ status: 'PROCESSING' });
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    expect(metrics).toContain('cashback_tasks{status="FAILED"} 10');
    expect(metrics).toContain('cashback_orders_parked_total 10');
  });
});

describe('an outage of the accrual system with a single order waiting', () => {
  it.each<[string, ScriptedAccrual['fallback'], RegExp]>([
    ['a broken connection', (_, response) => void response.destroy(), /closed|ECONNRESET/],
    ['silence', () => undefined, /no reply within/],
    ['status 404', { status: 404 }, /status 404/],
  ])(
    'by %s is in the log, in `stats`, in `list` and in `/metrics`, and so is its end',
    async (_, outage, reason) => {
      const lines: string[] = [];
      const service = await startTestService({
        settings: { cashback: { tickMs: 20, timeoutMs: TIMEOUT_MS, leaseMs: 10_000 } },
        logger: pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) }),
      });
      const runner = service.app.get(QueueRunner, { strict: false });
      const printed = async (what: 'stats' | 'list'): Promise<string> => {
        const out: string[] = [];
        const print = (line: string): void => void out.push(line);
        if (what === 'stats') await runner.stats(false, print);
        else await runner.list({ status: 'all', limit: 10, json: false }, print);
        return out.join('\n');
      };
      const unansweredSeconds = async (): Promise<number> =>
        Number(
          /^accrual_unanswered_seconds (\S+)$/m.exec(
            await (await fetch(`${service.url}/metrics`)).text(),
          )?.[1],
        );
      const logged = (text: string): string[] => lines.filter((line) => line.includes(text));
      try {
        const customer = await service.customer();
        expect(await unansweredSeconds()).toBe(0);
        const number = freshNumber();
        service.accrual.fallback = outage;
        await customer.upload(number);
        await eventually('it is in the log', () => logged('is answered').length > 0);
        expect(logged('is answered')[0]).toMatch(reason);
        await eventually('it is in the statistics', async () =>
          /no request is answered since \S+ \(\d+ s\): /.test(await printed('stats')),
        );
        expect(await printed('stats')).toMatch(reason);
        expect(await unansweredSeconds()).toBeGreaterThan(2);
        await eventually('it is in the list', async () =>
          new RegExp(`^${number} +P\\w+ +0 +[1-9].*${reason.source}`, 'm').test(
            await printed('list'),
          ),
        );
        await eventually(
          'the order was asked for again',
          async () =>
            (await service.database.query('SELECT 1 FROM gophermart.queue WHERE attempt > 1'))
              .length > 0,
        );
        expect(logged('is answered')).toHaveLength(1);
        expect(
          await service.database.query(
            'SELECT tries, status FROM gophermart.queue WHERE tries > 0',
          ),
        ).toEqual([]);
        service.accrual.script(number, processed(number, 1));
        await eventually('its end is in the log', () => logged('answers again').length > 0);
        await eventually('the gate says so', async () => (await unansweredSeconds()) === 0);
        expect(await printed('stats')).toContain('no outage');
      } finally {
        await service.stop();
      }
    },
  );
});
