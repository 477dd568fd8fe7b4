import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Client, createClient } from '../../../clients/typescript/src/client/index.js';
import {
  getBalance,
  getOrder,
  type LedgerEntry,
  listLedgerEntries,
  listOrders,
  listWithdrawals,
  logOut,
  type Order,
  register,
  uploadOrder,
  withdrawPoints,
} from '../../../clients/typescript/src/index.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { eventually } from '../../support/eventually.js';
import { calculating, invalid, processed } from '../../support/fakes/scripted-accrual.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

const TIME: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

function cursorOfNext({ headers, url }: Response): string | undefined {
  const next = /<(.+?)>; rel="next"/.exec(headers.get('Link') ?? '')?.[1];
  return next && (new URL(next, url).searchParams.get('cursor') ?? undefined);
}

/** Told by the client that shops are given and by nothing else: its types are part of the story. */
describe('the life of an order', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await startTestService();
  });

  afterAll(() => service.stop());

  async function newCustomer(): Promise<Client> {
    const { response } = await register({
      baseUrl: service.url,
      body: { login: `customer-${randomUUID()}`, password: 'a password' },
    });
    const Authorization = response.headers.get('Authorization');
    return createClient({ baseUrl: service.url, headers: { Authorization } });
  }

  async function orderOf(client: Client, number: string): Promise<Order | undefined> {
    const { data } = await listOrders({ client });
    return (data ?? []).find((order) => order.number === number);
  }

  /** Page by page. */
  async function historyOf(client: Client): Promise<LedgerEntry[]> {
    const entries: LedgerEntry[] = [];
    let cursor: string | undefined;
    do {
      const page = await listLedgerEntries({ client, query: { limit: 1, cursor } });
      entries.push(...(page.data ?? []));
      cursor = cursorOfNext(page.response);
    } while (cursor !== undefined);
    return entries;
  }

  it('goes from NEW through PROCESSING to PROCESSED, and its points are spent', async () => {
    const client = await newCustomer();
    const number = freshNumber();
    service.accrual.script(
      number,
      { status: 204 },
      calculating(number, 'REGISTERED'),
      calculating(number),
      processed(number, '729.98'),
    );
    const upload = async (): Promise<number> =>
      (await uploadOrder({ client, body: { number } })).response.status;
    expect([await upload(), await upload()]).toEqual([202, 200]);
    const seen = new Set<Order['status'] | undefined>();
    await eventually('the order is processed', async () => {
      const order = await orderOf(client, number);
      seen.add(order?.status);
      return order?.status === 'PROCESSED';
    });
    expect([...seen]).toEqual(['NEW', 'PROCESSING', 'PROCESSED']);
    const order = { number, status: 'PROCESSED', accrual: 729.98, uploaded_at: TIME };
    expect(await orderOf(client, number)).toEqual(order);
    const { data: detail } = await getOrder({ client, path: { number } });
    expect(detail).toMatchObject(order);
    expect(detail?.history.map(({ status }) => status)).toEqual([...seen]);

    const paid = freshNumber();
    const tooMuch = await withdrawPoints({ client, body: { order: paid, sum: 729.99 } });
    if (tooMuch.error?.error !== 'ErrLowBalance') throw new Error('it must be refused');
    const code: 402 = tooMuch.error.code;
    expect([code, tooMuch.error.detail]).toEqual([402, expect.stringMatching(/\S/)]);
    expect((await listWithdrawals({ client })).response.status).toBe(204);
    const spent = await withdrawPoints({ client, body: { order: paid, sum: 100.5 } });
    expect([spent.response.status, spent.error]).toEqual([200, undefined]);
    const { data: withdrawals } = await listWithdrawals({ client });
    expect(withdrawals).toEqual([{ order: paid, sum: 100.5, processed_at: TIME }]);

    const history = await historyOf(client);
    expect(history.map(({ kind, order, amount }) => [kind, order, amount])).toEqual([
      ['WITHDRAWAL', paid, -100.5],
      ['ACCRUAL', number, 729.98],
    ]);
    const balanceAt = async (at?: string): Promise<unknown> =>
      (await getBalance({ client, query: { at } })).data;
    expect(await balanceAt()).toEqual({ current: 629.48, withdrawn: 100.5 });
    expect(await balanceAt(history.at(-1)?.at)).toEqual({ current: 729.98, withdrawn: 0 });

    expect((await logOut({ client })).response.status).toBe(204);
    await eventually('the token is refused', async () => {
      const { error } = await getBalance({ client });
      return error?.error === 'ErrUnauthenticated';
    });
  });

  it('ends INVALID without points', async () => {
    const client = await newCustomer();
    const number = freshNumber();
    service.accrual.script(number, invalid(number));
    await uploadOrder({ client, body: { number } });
    await eventually(
      'the order is invalid',
      async () => (await orderOf(client, number))?.status === 'INVALID',
    );
    expect(await orderOf(client, number)).not.toHaveProperty('accrual');
    expect((await getBalance({ client })).data).toEqual({ current: 0, withdrawn: 0 });
  });
});
