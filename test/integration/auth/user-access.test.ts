import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  BlockUser,
  EndAllSessions,
  EndSessions,
  ForgetUser,
  KnownUsers,
  ResetPassword,
  Sessions,
  UnblockUser,
} from '../../../src/auth/index.js';
import { reconcile } from '../../support/database/reconciliation.js';
import { journalOf } from '../../support/database/journal.js';
import { lockWaits } from '../../support/database/test-database.js';
import { eventually } from '../../support/eventually.js';
import { processed } from '../../support/fakes/scripted-accrual.js';
import { Customer } from '../../support/http/customer.js';
import { readClaims } from '../../support/http/forged-token.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { json, type RawReply, send } from '../../support/http/raw-http.js';
import { expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

const PASSWORD = 'a password';

describe('what operators do to users', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await startTestService({ settings: { cashback: { tickMs: 20 } } });
  });

  afterAll(() => service.stop());

  const idOf = ({ authorization }: Customer): string => readClaims(authorization).sub;
  const nothing = (): void => undefined;
  const logIn = (login: string, password = PASSWORD): Promise<RawReply> =>
    send(service.url, 'POST /api/user/login', json(JSON.stringify({ login, password })));
  const balance = ({ authorization }: Customer): Promise<RawReply> =>
    send(service.url, 'GET /api/user/balance', { headers: { authorization } });
  const refreshed = (): Promise<void> => service.app.get(Sessions).refresh();
  const block = (customer: Customer): Promise<boolean> =>
    service.app.get(BlockUser).execute(idOf(customer), 'fraud', nothing);

  it('block: everything is refused, log-in too; points are still earned', async () => {
    const customer = await service.customer();
    const number = freshNumber();
    service.accrual.script(number, { status: 204 });
    await customer.upload(number);
    const users = service.app.get(KnownUsers);
    await expect(users.has(idOf(customer))).resolves.toBe(true);
    await expect(block(customer)).resolves.toBe(true);
    await expect(users.has(idOf(customer))).resolves.toBe(false);
    await refreshed();
    expectRefusal(await balance(customer), REFUSALS.unauthenticated);
    expectRefusal(await logIn(customer.login), REFUSALS.wrongPair);
    service.accrual.script(number, processed(number, '7'));
    await eventually('the points are credited', async () => {
      const [account] = await service.database.query<{ balance: string }>(
        'SELECT balance FROM gophermart.accounts WHERE user_id = $1',
        [idOf(customer)],
      );
      return account?.balance === '7.00';
    });
    await service.app.get(UnblockUser).execute(idOf(customer), nothing);
    expectRefusal(await balance(customer), REFUSALS.unauthenticated);
    const authorization = (await logIn(customer.login)).headers.authorization ?? '';
    const reply = await send(service.url, 'GET /api/user/balance', { headers: { authorization } });
    expect(reply.text).toBe('{"current":7,"withdrawn":0}');
  });

  it('block: a withdrawal that waited for the account behind it is refused', async () => {
    const customer = await service.customerWith('10');
    await service.database.query('BEGIN');
    await service.database.query('SELECT FROM gophermart.accounts WHERE user_id = $1 FOR UPDATE', [
      idOf(customer),
    ]);
    const blocked = block(customer);
    await eventually('it waits', async () => (await lockWaits(service.database)) === 1);
    const withdrawal = customer.withdraw(freshNumber(), 1);
    await eventually('both wait', async () => (await lockWaits(service.database)) === 2);
    await service.database.query('COMMIT');
    expect((await withdrawal).status).toBe(401);
    await expect(blocked).resolves.toBe(true);
    const entries = await service.database.query(
      `SELECT FROM gophermart.ledger_entries WHERE account_id = $1 AND kind = 'WITHDRAWAL'`,
      [idOf(customer)],
    );
    expect(entries).toEqual([]);
  });

  it('end-sessions: the password stays', async () => {
    const customer = await service.customer();
    await service.app.get(EndSessions).execute(idOf(customer), nothing);
    await refreshed();
    expectRefusal(await balance(customer), REFUSALS.unauthenticated);
    expect((await logIn(customer.login)).status).toBe(200);
  });

  it('reset-password: the new one signs in, and nothing else does', async () => {
    const customer = await service.customer();
    const password = await service.app.get(ResetPassword).execute(idOf(customer), nothing);
    expect(password).toMatch(/^[a-hjkmnp-z2-9]{20}$/);
    await refreshed();
    expectRefusal(await balance(customer), REFUSALS.unauthenticated);
    expectRefusal(await logIn(customer.login), REFUSALS.wrongPair);
    expect((await logIn(customer.login, password)).status).toBe(200);
  });

  it('forget: the person is gone, and the books are as they were', async () => {
    const customer = await service.customerWith('10');
    const paid = freshNumber();
    await customer.withdraw(paid, 4);
    const [order] = await customer.orders();
    await block(customer);
    await service.app.get(ForgetUser).execute(idOf(customer), nothing);
    await refreshed();
    expectRefusal(await balance(customer), REFUSALS.unauthenticated);
    expectRefusal(await logIn(customer.login), REFUSALS.wrongPair);
    const left = await service.database.query(
      'SELECT to_jsonb(u) - ARRAY[$2, $3, $4, $5] AS rest FROM gophermart.users u WHERE id = $1',
      [idOf(customer), 'registered_at', 'blocked_at', 'forgotten_at', 'generation'],
    );
    expect(left).toEqual([
      { rest: { id: idOf(customer), login: null, password_hash: null, block_reason: null } },
    ]);
    const events = await journalOf(service.database, idOf(customer));
    expect(events.filter(({ type }) => type === 'user_forgotten')).toEqual([
      expect.objectContaining({ data: { at: expect.stringMatching(/^20.*Z$/) } }),
    ]);

    const heir = await Customer.register(service.url, customer.login, 'of somebody else');
    expect(idOf(heir)).not.toBe(idOf(customer));
    await expect(heir.orders()).resolves.toEqual([]);
    expect((await heir.upload(order?.number ?? '')).status).toBe(409);
    await heir.earn('10', service.accrual);
    expect((await heir.withdraw(paid, 4)).status).toBe(409);
    const { differences } = await reconcile(service.database.uri);
    expect(differences).toEqual([]);
  });

  it('forget: the login is free with the commit, and not before', async () => {
    const customer = await service.customer();
    await service.database.query('BEGIN');
    await service.database.query(
      `UPDATE gophermart.users SET login = NULL, password_hash = NULL,
         forgotten_at = clock_timestamp(), generation = generation + 1 WHERE id = $1`,
      [idOf(customer)],
    );
    await expect(Customer.register(service.url, customer.login)).rejects.toThrow('409');
    await service.database.query('COMMIT');
    await expect(Customer.register(service.url, customer.login)).resolves.toBeInstanceOf(Customer);
  });

  it('forget: no row is half of a person, and none is forgotten twice', async () => {
    const customer = await service.customer();
    for (const half of ['login = NULL', 'password_hash = NULL', 'forgotten_at = now()'])
      await expect(
        service.database.query(`UPDATE gophermart.users SET ${half} WHERE id = $1`, [
          idOf(customer),
        ]),
      ).rejects.toThrow('users_are_whole_or_forgotten');
    const forget = service.app.get(ForgetUser);
    await forget.execute(idOf(customer), nothing);
    await expect(forget.execute(idOf(customer), nothing)).rejects.toThrow('no such user');
    await service.database.query('DELETE FROM gophermart.users WHERE id = $1', [idOf(customer)]);
    const events = await journalOf(service.database, idOf(customer));
    expect(events.map(({ type }) => type)).toEqual(['user_registered', 'user_forgotten']);
  });

  it('end all sessions: of each user once, however many there are', async () => {
    await service.database.query(
      `INSERT INTO gophermart.users (id, login, password_hash, registered_at)
       SELECT gen_random_uuid(), 'many-' || n, 'none', now() FROM generate_series(1, 25000) n`,
    );
    const counted = `SELECT count(*)::int AS users,
        count(*) FILTER (WHERE generation > 0 OR forgotten_at IS NOT NULL)::int AS ended,
        (SELECT count(*)::int FROM gophermart.session_ends s JOIN gophermart.users u
           ON u.id = s.user_id WHERE u.login LIKE 'many-%') AS told
      FROM gophermart.users`;
    let recorded = 0;
    await service.app.get(EndAllSessions).execute(() => {
      recorded++;
    });
    const [row] = await service.database.query<{ users: number; ended: number; told: number }>(
      counted,
    );
    expect([row?.ended, row?.told, recorded]).toEqual([row?.users, 25_000, 1]);
  });
});
