import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { status as STATUS } from '@grpc/grpc-js';
import { NIL } from 'uuid';
import { UuidV7Ids } from '../../../src/platform/system.js';
import { RpcServer } from '../../../src/platform/grpc/rpc-server.js';
import { eventually } from '../../support/eventually.js';
import { processed } from '../../support/fakes/scripted-accrual.js';
import { Customer } from '../../support/http/customer.js';
import { readClaims } from '../../support/http/forged-token.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { RPC_SECRET, RpcClient } from '../../support/http/rpc-client.js';
import { giveOrders, startTestService, type TestService } from '../../support/http/test-service.js';

const ids = new UuidV7Ids();

interface Outcomes {
  readonly outcomes: readonly object[];
}

interface PageOutcome {
  readonly page?: {
    readonly orders?: readonly { readonly number: string }[];
    readonly nextPageToken: string;
  };
}

/** A program that has the `.proto` files and the secret, and nothing else of ours. */
describe('gRPC', () => {
  let service: TestService;
  let users: RpcClient;
  let orders: RpcClient;
  let shownOrders: RpcClient;
  let account: RpcClient;
  let shownAccount: RpcClient;

  beforeAll(async () => {
    service = await startTestService({
      settings: {
        cashback: { tickMs: 20 },
        auth: { loginAttemptsPerMinute: 3 },
        rpc: { address: { host: '127.0.0.1', port: 0 }, secret: RPC_SECRET },
      },
    });
    const { port } = service.app.get(RpcServer, { strict: false });
    users = RpcClient.of(port, 'users.proto/Users');
    orders = RpcClient.of(port, 'orders.proto/OrderCommands');
    shownOrders = RpcClient.of(port, 'orders.proto/OrderQueries');
    account = RpcClient.of(port, 'account.proto/AccountCommands');
    shownAccount = RpcClient.of(port, 'account.proto/AccountQueries');
  });

  afterAll(async () => {
    for (const client of [users, orders, shownOrders, account, shownAccount]) client.close();
    await service.stop();
  });

  const register = async (): Promise<string> => {
    const id = ids.next();
    const registration = { id, login: `user-${id}`, password: 'a password', address: '' };
    const { outcomes } = await users.call<Outcomes>('Register', { registrations: [registration] });
    expect(outcomes).toMatchObject([{ userId: id }]);
    return id;
  };
  const balanceOf = async (userId: string): Promise<unknown> =>
    (await shownAccount.call<Outcomes>('GetBalances', { userIds: [userId] })).outcomes[0];
  const pageOf = async (
    client: RpcClient,
    method: string,
    userId: string,
    pageToken = '',
  ): Promise<PageOutcome> => {
    const { outcomes } = await client.call<Outcomes>(method, { pages: [{ userId, pageToken }] });
    return outcomes[0] as PageOutcome;
  };
  const refusal = (kind: string, error: string, detail: unknown = expect.any(String)): object => ({
    refusal: { kind: `REFUSAL_KIND_${kind}`, error, detail, retryAfterSeconds: 0 },
    outcome: 'refusal',
  });

  it('registers, signs in and knows users, each of a batch on its own merits', async () => {
    const [id, other] = [ids.next(), ids.next()];
    const person = { login: `person-${id}`, password: 'a password', address: '192.0.2.1' };
    const registrations = [
      { id, ...person },
      { id: other, ...person, password: '' },
      { id: 'x', ...person },
    ];
    expect((await users.call<Outcomes>('Register', { registrations })).outcomes).toEqual([
      { userId: id, outcome: 'userId', generation: 0 },
      refusal('MALFORMED', 'ErrBadRequest'),
      refusal('MALFORMED', 'ErrBadRequest', 'id must be a UUID'),
    ]);
    // The same call again, and the same login for somebody else.
    const again = [
      { id, ...person },
      { id: other, ...person },
    ];
    expect((await users.call<Outcomes>('Register', { registrations: again })).outcomes).toEqual([
      { userId: id, outcome: 'userId', generation: 0 },
      refusal('CONFLICT', 'ErrUserBusy'),
    ]);
    const attempts = [person, { ...person, password: 'wrong' }];
    expect((await users.call<Outcomes>('LogIn', { attempts })).outcomes).toEqual([
      { userId: id, outcome: 'userId', generation: 0 },
      refusal('UNAUTHENTICATED', 'ErrUserOrPasswordBad'),
    ]);
    const userIds = [id.toUpperCase(), other, NIL];
    expect(await users.call('KnowUsers', { userIds })).toEqual({
      states: [{ known: true }, { known: false }, { known: false }],
    });
  });

  it('counts failed attempts against the limit, and says when to try again', async () => {
    const attempt = { login: 'nobody', password: 'wrong', address: '192.0.2.7' };
    const { outcomes } = await users.call<Outcomes>('LogIn', {
      attempts: [attempt, attempt, attempt],
    });
    expect(outcomes).toMatchObject(
      [{}, {}, {}].fill(refusal('UNAUTHENTICATED', 'ErrUserOrPasswordBad')),
    );
    const [refused] = (await users.call<Outcomes>('LogIn', { attempts: [attempt] })).outcomes as {
      refusal: { error: string; kind: string; retryAfterSeconds: number };
    }[];
    expect(refused?.refusal).toMatchObject({
      error: 'ErrLoginAttempts',
      kind: 'REFUSAL_KIND_TOO_MANY',
    });
    expect(refused?.refusal.retryAfterSeconds).toBeGreaterThan(0);
  });

  it('uploads, credits, shows and spends', async () => {
    const [ann, bob] = [await register(), await register()];
    const number = freshNumber();
    service.accrual.script(number, processed(number, '729.98'));
    const upload = { id: ids.next(), userId: ann, number };
    const uploads = [
      upload,
      { ...upload, id: ids.next() },
      { ...upload, id: ids.next(), userId: bob },
      { ...upload, id: ids.next(), number: '12345678904' },
    ];
    expect((await orders.call<Outcomes>('UploadOrders', { uploads })).outcomes).toEqual([
      { result: 'UPLOAD_RESULT_ACCEPTED', outcome: 'result' },
      { result: 'UPLOAD_RESULT_ALREADY_UPLOADED', outcome: 'result' },
      refusal('CONFLICT', 'ErrOrderAlreadyLoaded'),
      refusal('INVALID', 'ErrWrongOrderFormat'),
    ]);
    const shouted = { ...upload, id: upload.id.toUpperCase(), userId: ann.toUpperCase() };
    const repeated = await orders.call<Outcomes>('UploadOrders', { uploads: [shouted] });
    expect(repeated.outcomes).toMatchObject([{ result: 'UPLOAD_RESULT_ACCEPTED' }]);
    const credited = { balance: { current: '729.98', withdrawn: '0.00' }, outcome: 'balance' };
    await eventually('credited', async () =>
      JSON.stringify(await balanceOf(ann)).includes('729.98'),
    );
    expect(await balanceOf(ann)).toEqual(credited);
    expect(await pageOf(shownOrders, 'ListOrders', ann)).toMatchObject({
      page: { orders: [{ number, status: 'ORDER_STATUS_PROCESSED', accrual: '729.98' }] },
    });
    const order = freshNumber();
    const withdrawal = { id: ids.next(), userId: ann, order, sum: '0.10' };
    const withdrawals = [
      withdrawal,
      { ...withdrawal, id: ids.next() },
      { ...withdrawal, id: ids.next(), sum: '0.2' },
      { ...withdrawal, id: ids.next(), order: freshNumber(), sum: '1000' },
      { ...withdrawal, id: ids.next(), order: freshNumber(), sum: '0.001' },
      { ...withdrawal, id: ids.next(), order: freshNumber(), userId: ids.next() },
      { ...withdrawal, id: ids.next(), order: 'x', sum: '' },
      { ...withdrawal, id: ids.next(), sum: `1${'0'.repeat(60_000)}1` },
    ];
    expect((await account.call<Outcomes>('WithdrawPoints', { withdrawals })).outcomes).toEqual([
      { withdrawn: {}, outcome: 'withdrawn' },
      { withdrawn: {}, outcome: 'withdrawn' },
      refusal('CONFLICT', 'ErrOrderAlreadyPaid'),
      refusal('INSUFFICIENT', 'ErrLowBalance'),
      refusal('INVALID', 'ErrImpossibleSum'),
      refusal('UNAUTHENTICATED', 'ErrUnauthenticated'),
      refusal('MALFORMED', 'ErrBadRequest', 'sum must be a decimal number'),
      refusal('MALFORMED', 'ErrBadRequest', 'sum must be a decimal number'),
    ]);
    const processedAt = expect.stringMatching(/^\d{4}-.*Z$/);
    expect(await pageOf(shownAccount, 'ListWithdrawals', ann)).toMatchObject({
      page: { withdrawals: [{ order, sum: '0.10', processedAt }] },
    });
    expect(await pageOf(shownAccount, 'ListWithdrawals', bob)).toEqual({
      page: { nextPageToken: '' },
      outcome: 'page',
    });
  });

  it('refuses an upload of a user who is not there, and no other', async () => {
    const uploads = Array.from({ length: 200 }, (_, i) => ({
      id: ids.next(),
      userId: i === 7 ? ids.next() : '',
      number: freshNumber(),
    }));
    const ann = await register();
    const filled = uploads.map((each) => ({ ...each, userId: each.userId || ann }));
    const { outcomes } = await orders.call<Outcomes>('UploadOrders', { uploads: filled });
    expect(outcomes.filter((each) => 'refusal' in each)).toEqual([
      refusal('UNAUTHENTICATED', 'ErrUnauthenticated'),
    ]);
    expect(outcomes[7]).toHaveProperty('refusal');
  });

  it('sends a long list in pages', async () => {
    const customer = await Customer.register(service.url);
    await giveOrders(service, customer, 3_000);
    const userId = readClaims(customer.authorization).sub;
    const numbers: string[] = [];
    let pages = 0;
    for (let token: string | undefined; token !== ''; pages++) {
      const { page } = await pageOf(shownOrders, 'ListOrders', userId, token);
      numbers.push(...(page?.orders ?? []).map(({ number }) => number));
      token = page?.nextPageToken;
    }
    expect(pages).toBeGreaterThan(3);
    expect(numbers).toEqual((await customer.orders()).map(({ number }) => number));
  });

  it.each([
    ['a user who is gone', ids.next(), '', 'UNAUTHENTICATED', 'ErrUnauthenticated'],
    ['no UUID', 'ann', '', 'MALFORMED', 'ErrBadRequest'],
    ['a place that was never given', ids.next(), 'x', 'MALFORMED', 'ErrBadRequest'],
  ])('refuses a page of %s, and no other', async (_, userId, pageToken, kind, name) => {
    const pages = [{ userId, pageToken }, { userId: await register() }];
    for (const [client, method] of [
      [shownOrders, 'ListOrders'],
      [shownAccount, 'ListWithdrawals'],
    ] as const)
      expect((await client.call<Outcomes>(method, { pages })).outcomes).toEqual([
        refusal(kind, name),
        { page: { nextPageToken: '' }, outcome: 'page' },
      ]);
  });

  it('charges nothing for a call whose deadline is over', async () => {
    const customer = await service.customerWith('5');
    const userId = readClaims(customer.authorization).sub;
    const withdrawals = [{ id: ids.next(), userId, order: freshNumber(), sum: '1' }];
    await expect(
      account.call('WithdrawPoints', { withdrawals }, { deadline: Date.now() - 1 }),
    ).rejects.toMatchObject({ code: STATUS.DEADLINE_EXCEEDED });
    expect(await customer.balance()).toEqual({ current: 5, withdrawn: 0 });
  });
});
