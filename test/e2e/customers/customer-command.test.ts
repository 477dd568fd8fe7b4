import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Customer } from '../../support/http/customer.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';
import { reconcile } from '../../support/database/reconciliation.js';
import { operate, type OperatorRun } from '../../support/processes/operator-run.js';

describe('npm run customer', () => {
  let service: TestService;
  let ann: Customer;

  beforeAll(async () => {
    service = await startTestService();
    ann = await service.customerWith('100');
  });

  afterAll(() => service.stop());

  const customer = (...args: string[]): Promise<OperatorRun> =>
    operate('customer', [...args, '-d', service.database.uri]);

  const balance = async (): Promise<unknown> => (await ann.call('GET', '/api/user/balance')).json();

  it('gives points and takes some, once for a key, and says so to the customer', async () => {
    const given = await customer(
      'adjust',
      ann.login,
      '-10',
      '--reason',
      'a mistake',
      '--by',
      'bob',
    );
    expect(given).toMatchObject({ code: 0, errors: '' });
    const [key = '', done, sums] = given.lines;
    expect([done, sums]).toEqual([
      expect.stringMatching(/^[\da-f-]{36}: took 10, by bob$/),
      'balance 100.00 → 90.00',
    ]);
    expect(await balance()).toEqual({ current: 90, withdrawn: 0 });
    const again = ['--reason', 'a mistake', '--key', key.replace('key: ', '')];
    const repeated = await customer('adjust', ann.login, '-10', ...again);
    expect([repeated.code, repeated.lines[0]]).toEqual([
      0,
      expect.stringMatching(/: done before$/),
    ]);
    const otherwise = await customer('adjust', ann.login, '10', ...again);
    expect(otherwise).toMatchObject({
      code: 1,
      lines: ['not done: this key was used for an adjustment of another login or sum'],
    });
    expect(await balance()).toEqual({ current: 90, withdrawn: 0 });
  });

  it('refuses what the balance does not cover, and whom it does not know', async () => {
    const why = ['--reason', 'none', '--key', 'one'];
    await expect(customer('adjust', ann.login, '-90.01', ...why)).resolves.toMatchObject({
      code: 1,
      lines: ['not done: the balance of 90 does not cover 90.01'],
    });
    await expect(customer('adjust', 'nobody', '1', ...why)).resolves.toMatchObject({
      code: 1,
      lines: ['no customer has the login nobody'],
    });
    const id = '01900000-0000-7000-8000-000000000001';
    await expect(customer('adjust', '--id', id, '1', ...why)).resolves.toMatchObject({ code: 1 });
    await expect(customer('show', '--id', id)).resolves.toMatchObject({
      code: 1,
      lines: [`${id}: no such customer`],
    });
    await expect(customer('adjust', ann.login, 'ten')).resolves.toMatchObject({ code: 2 });
  });

  it('gives a withdrawal back, which the customer sees and cannot repeat', async () => {
    const number = freshNumber();
    expect((await ann.withdraw(number, 40)).status).toBe(200);
    const args = ['reverse', number, '--reason', 'sent back', '--json'];
    const { code, lines } = await customer(...args);
    expect([code, JSON.parse(lines.join(''))]).toEqual([
      0,
      {
        id: expect.any(String) as unknown,
        changed: true,
        before: { balance: '50.00', withdrawn: '40.00' },
        balance: '90.00',
        withdrawn: '0.00',
      },
    ]);
    const repeated = await customer(...args);
    expect(JSON.parse(repeated.lines.join(''))).toMatchObject({ changed: false });
    const refused = await ann.withdraw(number, 40);
    expect([refused.status, await refused.json()]).toEqual([
      409,
      expect.objectContaining({ error: 'ErrOrderReversed' }),
    ]);
    expect(await balance()).toEqual({ current: 90, withdrawn: 0 });
    const [line] = (await (await ann.call('GET', '/api/user/withdrawals')).json()) as object[];
    expect(line).toEqual({
      order: number,
      sum: 40,
      processed_at: expect.stringMatching(/Z$/) as unknown,
      reversed_at: expect.stringMatching(/Z$/) as unknown,
    });
    const unknown = await customer('reverse', freshNumber(), '--reason', 'none');
    expect(unknown).toMatchObject({
      code: 1,
      lines: ['not done: nobody has spent points on this order number'],
    });
  });

  it('shows a customer, and all about a number', async () => {
    const shown = await customer('show', ann.login);
    expect(shown).toMatchObject({ code: 0, errors: '' });
    expect(shown.lines).toEqual([
      expect.stringMatching(new RegExp(`^${ann.login}  [\\da-f-]{36}, registered `)),
      'balance 90.00, withdrawn 0.00',
      'orders: 1 PROCESSED',
      expect.stringMatching(/ PROCESSED 100\.00$/),
      'entries: 4',
      expect.stringMatching(/ REVERSAL 40\.00 for \d+, leaves 90\.00; sent back$/),
      expect.stringMatching(/ WITHDRAWAL -40\.00 for \d+, leaves 50\.00$/),
      expect.stringMatching(/ ADJUSTMENT -10\.00, leaves 90\.00; a mistake$/),
      expect.stringMatching(/ ACCRUAL 100\.00 for \d+, leaves 100\.00$/),
    ]);
    const json = JSON.parse((await customer('show', ann.login, '--json')).lines.join('')) as {
      readonly lastOrders: readonly { readonly number: string }[];
    };
    const { number = '' } = json.lastOrders[0] ?? {};
    const order = await customer('order', number);
    const detail = await ann.call('GET', `/api/user/orders/${number}`);
    const { history } = (await detail.json()) as { history: { status: string; at: string }[] };
    expect(order.lines).toEqual([
      expect.stringMatching(new RegExp(` ${number}  PROCESSED 100\\.00, of ${ann.login}  `)),
      ...history.map(({ status, at }) => `${at}  became ${status}`),
      expect.stringMatching(/ ACCRUAL 100\.00 for \d+, leaves 100\.00, account /),
    ]);
    expect(await customer('order', freshNumber())).toMatchObject({ code: 1 });
  });

  it('sets a wrong balance right, and the books agree', async () => {
    await service.database.query(
      `UPDATE gophermart.accounts SET balance = balance + 5 WHERE user_id = (
         SELECT id FROM gophermart.users WHERE login = $1
       )`,
      [ann.login],
    );
    expect((await reconcile(service.database.uri)).exitCode).toBe(1);
    const { code, lines } = await customer('recount', ann.login, '--by', 'bob');
    expect([code, ...lines]).toEqual([
      0,
      expect.stringMatching(/: set to what the entries add up to, by bob$/),
      'balance 95.00 → 90.00',
    ]);
    expect((await reconcile(service.database.uri)).differences).toEqual([]);
    expect((await customer('recount', ann.login)).lines[0]).toMatch(/agrees with its entries$/);
  });
});
