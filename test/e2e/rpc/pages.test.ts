import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  AdjustPoints,
  ReverseWithdrawal,
} from '../../../src/customers/application/correct-customer.js';
import { Money } from '../../../src/kernel/domain/money.js';
import { OrderNumber } from '../../../src/kernel/domain/order-number.js';
import { UuidV7Ids } from '../../../src/platform/system.js';
import { createTestDatabase, type TestDatabase } from '../../support/database/test-database.js';
import { ScriptedAccrual } from '../../support/fakes/scripted-accrual.js';
import type { Customer } from '../../support/http/customer.js';
import { readClaims } from '../../support/http/forged-token.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { type RawReply, send } from '../../support/http/raw-http.js';
import { RPC_SECRET, RpcClient } from '../../support/http/rpc-client.js';
import { giveOrders, startTestService, type TestService } from '../../support/http/test-service.js';
import { freePort } from '../../support/processes/service-process.js';

const ids = new UuidV7Ids();

interface OrdersReply {
  readonly outcomes: readonly {
    readonly page?: { readonly orders?: readonly object[]; readonly nextPageToken: string };
    readonly refusal?: { readonly error: string; readonly detail: string };
  }[];
}

describe('pages by gRPC', () => {
  let database: TestDatabase;
  let accrual: ScriptedAccrual;
  let billing: TestService;
  let portal: TestService;
  let customer: Customer;
  let userId: string;
  let earned: string;
  let orders: RpcClient;
  let account: RpcClient;

  beforeAll(async () => {
    database = await createTestDatabase();
    accrual = await ScriptedAccrual.start();
    const port = await freePort();
    const secret = RPC_SECRET;
    billing = await startTestService({
      database,
      accrual,
      settings: { cashback: { tickMs: 20 }, rpc: { address: { host: '127.0.0.1', port }, secret } },
    });
    portal = await startTestService({
      database,
      accrual,
      databaseUri: 'postgres://127.0.0.1:1/none',
      settings: {
        process: { roles: ['portal'] },
        rpc: { billing: { host: 'localhost', port }, secret },
      },
    });
    customer = await portal.customer();
    userId = readClaims(customer.authorization).sub;
    earned = await customer.earn('100', accrual);
    for (let i = 1; i <= 5; i++) await customer.withdraw(freshNumber(), i);
    const correction = { by: 'ann', reason: 'a complaint' };
    const [adjust, reverse] = [billing.app.get(AdjustPoints), billing.app.get(ReverseWithdrawal)];
    const given = { userId, sum: Money.exact('5'), isTaken: false, key: earned };
    await adjust.execute({ ...given, ...correction });
    const returned = freshNumber();
    await customer.withdraw(returned, 6);
    await reverse.execute(OrderNumber.parse(returned), correction);
    await giveOrders(portal, customer, 1_200);
    orders = RpcClient.of(port, 'orders.proto/OrderQueries');
    account = RpcClient.of(port, 'account.proto/AccountQueries');
  });

  afterAll(async () => {
    for (const client of [orders, account]) client.close();
    await portal.stop();
    await billing.stop();
    await accrual.stop();
    await database.drop();
  });

  const get = (service: TestService, path: string, headers: object = {}): Promise<RawReply> =>
    send(service.url, `GET ${path}`, {
      headers: { authorization: customer.authorization, ...headers },
    });

  it.each([
    'orders?limit=7&to=2100-01-01T00:00:00Z',
    'orders?limit=7&from=2100-01-01T00:00:00Z',
    'orders?limit=1000',
    'orders?limit=1000&status=NEW',
    'orders?limit=2&status=PROCESSED,INVALID',
    'withdrawals',
    'withdrawals?limit=2',
    'balance/history?limit=2&kind=WITHDRAWAL',
    'balance/history?from=2026-01-01T00:00:00Z',
    'balance/history?kind=REVERSAL',
    'balance?at=2026-01-01T00:00:00Z',
    'orders?limit=0',
    'orders?cursor=x',
    'balance?at=2100-01-01T00:00:00Z',
    'orders/26',
  ])('are the same through a portal: %s', async (path) => {
    let next = `/api/user/${path}`;
    for (let pages = 0; pages < 3 && next !== ''; pages++) {
      const [here, there] = [await get(billing, next), await get(portal, next)];
      expect([there.status, there.text]).toEqual([here.status, here.text]);
      const links = [here, there].map(({ headers }) => headers['link']);
      expect(links.map((link) => link === undefined)).toEqual([
        links[0] === undefined,
        links[0] === undefined,
      ]);
      // A cursor of one is good for the other.
      next = /<([^>]+)>/.exec(String(links[pages % 2] ?? ''))?.[1] ?? '';
    }
  });

  it.each([
    ['Order', 'orders'],
    ['Withdrawal', 'withdrawals'],
    ['LedgerEntry', 'balance/history'],
  ])('have all members of %s through a portal', async (name, path) => {
    const { components } = JSON.parse((await get(portal, '/docs-json')).text) as {
      components: { schemas: Record<string, { properties: object }> };
    };
    const lines = JSON.parse((await get(portal, `/api/user/${path}`)).text) as object[];
    const members = new Set(lines.flatMap((line) => Object.keys(line)));
    expect(members).toEqual(new Set(Object.keys(components.schemas[name]?.properties ?? {})));
  });

  it('show one order, and CSV, through a portal', async () => {
    const path = `/api/user/orders/${earned}`;
    expect((await get(portal, path)).text).toBe((await get(billing, path)).text);
    const history = '/api/user/balance/history';
    const accept = { accept: 'text/csv' };
    expect((await get(portal, history, accept)).text).toBe(
      (await get(billing, history, accept)).text,
    );
  });

  it('take limits, times and statuses', async () => {
    const page = { userId, limit: 2, statuses: ['ORDER_STATUS_PROCESSED'] };
    const { outcomes } = await orders.call<OrdersReply>('ListOrders', {
      pages: [page, { ...page, to: '2020-01-01T00:00:00Z' }, { userId, limit: 3 }],
    });
    expect(outcomes.map((each) => each.page?.orders?.length ?? 0)).toEqual([1, 0, 3]);
    const pageToken = outcomes[2]?.page?.nextPageToken ?? '';
    expect(pageToken).not.toBe('');
    const entries = await account.call('ListLedgerEntries', {
      pages: [{ userId, limit: 1, kinds: ['ENTRY_KIND_ACCRUAL'] }],
    });
    expect(entries).toMatchObject({
      outcomes: [
        { page: { entries: [{ kind: 'ENTRY_KIND_ACCRUAL', amount: '100.00', order: earned }] } },
      ],
    });
  });

  it.each([
    [{ from: 'yesterday' }, 'from must be a time as in RFC 3339'],
    [{ statuses: ['ORDER_STATUS_UNSPECIFIED'] }, 'ORDER_STATUS_UNSPECIFIED is not known'],
    [
      { pageToken: 'x' },
      'the cursor is none that this list gave before: begin with the first page',
    ],
    [
      { pageToken: `${ids.next()}~1~9:1:`, statuses: ['ORDER_STATUS_NEW'] },
      'the cursor is none that this list gave before: begin with the first page',
    ],
    [
      { pageToken: ids.next() },
      'the cursor is none that this list gave before: begin with the first page',
    ],
  ])('refuse %j', async (wrong, detail) => {
    const { outcomes } = await orders.call<OrdersReply>('ListOrders', {
      pages: [
        { userId, ...wrong },
        { userId, limit: 1 },
      ],
    });
    expect(outcomes[0]?.refusal).toMatchObject({ error: 'ErrBadRequest', detail });
    expect(outcomes[1]?.page?.orders).toHaveLength(1);
  });

  it('refuse orders that are not there, one by one', async () => {
    const others = [
      { userId, number: '26' },
      { userId: ids.next(), number: earned },
      { userId, number: 'x y' },
    ];
    expect(
      await orders.call('GetOrders', { orders: [{ userId, number: earned }, ...others] }),
    ).toMatchObject({
      outcomes: [
        { detail: { order: { number: earned, accrual: '100.00' } } },
        { refusal: { kind: 'REFUSAL_KIND_NOT_FOUND', error: 'ErrNotFound' } },
        { refusal: {} },
        { refusal: { kind: 'REFUSAL_KIND_NOT_FOUND', error: 'ErrNotFound' } },
      ],
    });
  });
});
