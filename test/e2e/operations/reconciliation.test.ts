import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Customer } from '../../support/http/customer.js';
import { tamper } from '../../support/database/test-database.js';
import { operate } from '../../support/processes/operator-run.js';
import { eventually } from '../../support/eventually.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

describe('books that are wrong', () => {
  let service: TestService;
  let customer: Customer;
  let number: string;

  beforeAll(async () => {
    service = await startTestService({
      settings: { cashback: { tickMs: 20 }, reconciliation: { intervalMs: 50 } },
    });
    customer = await service.customer();
    number = await customer.earn('500', service.accrual);
  });

  afterAll(() => service.stop());

  const metric = async (name: string): Promise<number | undefined> => {
    const text = await (await fetch(`${service.url}/metrics`)).text();
    const line = text.split('\n').find((each) => each.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.slice(name.length));
  };

  const NOT_CREDITED = 'reconciliation_differences{kind="order-not-credited"}';

  it('show in the metrics of the next run, and no more once they are right again', async () => {
    await eventually('the first run', async () => (await metric(NOT_CREDITED)) === 0);
    const firstRun = (await metric('reconciliation_last_run_timestamp_seconds')) ?? 0;
    expect(firstRun).toBeGreaterThan(performance.timeOrigin / 1_000);
    expect(firstRun).toBeLessThanOrEqual(Date.now() / 1_000);
    await tamper(
      service.database,
      `UPDATE gophermart.ledger_entries SET order_num = '0' WHERE order_num = '${number}'`,
    );
    await eventually('a run that sees it', async () => (await metric(NOT_CREDITED)) === 1);
    expect(await metric('reconciliation_differences{kind="accrual-without-order"}')).toBe(1);
    expect(await metric('reconciliation_differences{kind="account-balance"}')).toBe(0);
    expect((await fetch(`${service.url}/health/ready`)).status).toBe(200);
    await tamper(
      service.database,
      `UPDATE gophermart.ledger_entries SET order_num = '${number}' WHERE order_num = '0'`,
    );
    await eventually(
      'a run that sees that all is well',
      async () => (await metric(NOT_CREDITED)) === 0,
    );
    expect(await metric('reconciliation_last_run_timestamp_seconds')).toBeGreaterThan(firstRun);
    expect(await metric('reconciliation_duration_seconds')).toBeLessThan(60);
  });

  it('make npm run reconcile name them and exit with 1, and 0 once they are right', async () => {
    const reconcile = (...argv: string[]): ReturnType<typeof operate> =>
      operate('reconcile', [...argv, '-d', service.database.uri]);
    await service.database.query('UPDATE gophermart.accounts SET balance = 500.5');
    await expect(reconcile()).resolves.toEqual({
      code: 1,
      lines: [
        expect.stringMatching(
          /^account-balance: account \S+: balance 500\.50, its entries add up to 500\.00$/,
        ),
        expect.stringMatching(
          /^account-last-entry: .* balance 500\.50, its last entry .* leaves 500\.00$/,
        ),
        expect.stringMatching(
          /^2 differences \(account-balance 1, account-last-entry 1\) in 1 accounts, 1 entries, 1 orders, 0 tasks; /,
        ),
      ],
      errors: '',
    });
    await service.database.query('UPDATE gophermart.accounts SET balance = 500');
    const { code, lines } = await reconcile('--json');
    expect([code, lines.length]).toEqual([0, 1]);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      agree: true,
      differences: 0,
      accrued: '500.00',
      balances: '500.00',
    });
    await expect(reconcile('--repair')).resolves.toMatchObject({
      code: 2,
      lines: [],
      errors: expect.stringContaining('--repair is no option'),
    });
  });
});
