import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { DatabaseUnavailable } from '../../../src/kernel/application/persistence-errors.js';
import type { Customer } from '../../support/http/customer.js';
import { readClaims } from '../../support/http/forged-token.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { booksAt, reconcile } from '../../support/database/reconciliation.js';
import { tamper } from '../../support/database/test-database.js';
import { eventually } from '../../support/eventually.js';
import { calculating, invalid, processed } from '../../support/fakes/scripted-accrual.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

const forever = new AbortController().signal;

/** Roles belong to the whole server, which other test files use at the same time. */
const READER = `reader_${randomBytes(6).toString('hex')}`;

describe('the reconciliation of a service at work', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await startTestService({
      settings: {
        cashback: { tickMs: 20, rules: { maxTries: 1, spacing: { minMs: 10, maxMs: 20 } } },
      },
    });
  });

  afterAll(() => service.stop());

  const count = async (what: string): Promise<number> => {
    const [row] = await service.database.query<{ rows: string }>(
      `SELECT count(*) AS rows FROM gophermart.${what}`,
    );
    return Number(row?.rows);
  };

  /** Uploads with every result, a payment for an uploaded number, and one for a new number. */
  async function traffic(customer: Customer): Promise<void> {
    const [rich, none, refused, slow, paid] = Array.from({ length: 5 }, freshNumber) as [
      string,
      string,
      string,
      string,
      string,
    ];
    service.accrual.script(rich, processed(rich, '100.10'));
    service.accrual.script(none, processed(none));
    service.accrual.script(refused, invalid(refused));
    service.accrual.script(slow, calculating(slow), calculating(slow), processed(slow, '0.01'));
    await Promise.all([rich, none, refused, slow].map((number) => customer.upload(number)));
    await eventually('all are final', async () =>
      (await customer.orders()).every(({ status }) => /INVALID|PROCESSED/.test(status)),
    );
    const replies = await Promise.all([
      customer.withdraw(paid, '50.05'),
      customer.withdraw(refused, '50.06'),
      customer.withdraw(rich, 1),
    ]);
    expect(replies.map(({ status }) => status)).toContain(402);
  }

  it('finds nothing in the books of any traffic', async () => {
    const customers = await Promise.all(Array.from({ length: 4 }, () => service.customer()));
    await Promise.all(customers.map(traffic));
    const { exitCode, differences, summary } = await reconcile(service.database.uri);
    expect([exitCode, differences]).toEqual([0, []]);
    expect(summary).toMatch(
      /^The books agree: 4 accounts, 1\d entries, 16 orders, 0 tasks; 400\.44 accrued, [\d.]+ withdrawn, /,
    );
  });

  it('takes tasks that wait, and parked ones, for no difference', async () => {
    const customer = await service.customer();
    const [waiting, parked] = [freshNumber(), freshNumber()];
    service.accrual.script(parked, { status: 500 });
    await customer.upload(waiting);
    await customer.upload(parked);
    await eventually('one is parked', async () => {
      await traffic(await service.customer());
      return (await count(`queue WHERE status = 'FAILED'`)) === 1;
    });
    expect((await reconcile(service.database.uri)).differences).toEqual([]);
  });

  it('finds nothing while others write', async () => {
    const customers = await Promise.all(Array.from({ length: 4 }, () => service.customer()));
    const before = await count('ledger_entries');
    const progress = { isWriting: true, runs: 0 };
    const writing = Promise.all(
      customers.map(async (customer) => {
        for (let i = 0; i < 8 || progress.runs < 6; i++) await traffic(customer);
      }),
    ).finally(() => (progress.isWriting = false));
    const found: string[] = [];
    for (; progress.isWriting; progress.runs++)
      found.push(...(await reconcile(service.database.uri)).differences);
    await writing;
    expect(found).toEqual([]);
    expect(await count('ledger_entries')).toBeGreaterThan(before + 60);
  });

  it('sees one moment, whatever is written meanwhile, and nobody waits for it', async () => {
    const customer = await service.customer();
    await booksAt(service.database.uri).snapshot(forever, async (snapshot) => {
      const before = await snapshot.totals();
      await traffic(customer);
      await service.database.query(`UPDATE gophermart.accounts SET balance = balance + 1`);
      for await (const { sentence } of snapshot.differences()) throw new Error(sentence);
      expect(await snapshot.totals()).toEqual(before);
    });
    expect((await reconcile(service.database.uri)).exitCode).toBe(1);
    await service.database.query(`UPDATE gophermart.accounts SET balance = balance - 1`);
    expect((await reconcile(service.database.uri)).exitCode).toBe(0);
  });

  it('can be claimed by one at a time', async () => {
    const books = booksAt(service.database.uri);
    const claim = (): Promise<boolean> => books.snapshot(forever, (snapshot) => snapshot.claim());
    await books.snapshot(forever, async (snapshot) => {
      expect(await snapshot.claim()).toBe(true);
      expect(await claim()).toBe(false);
      // A command runs without a claim.
      expect((await reconcile(service.database.uri)).exitCode).toBe(0);
    });
    expect(await claim()).toBe(true);
  });

  /** The user with all that they had, as a fault of the storage would take them. */
  const lose = ({ authorization }: Customer): Promise<void> => {
    const user = `'${readClaims(authorization).sub}'`;
    return tamper(
      service.database,
      `DELETE FROM gophermart.ledger_entries WHERE account_id = ${user}`,
      `DELETE FROM gophermart.queue USING gophermart.orders
       WHERE id = order_id AND user_id = ${user}`,
      `DELETE FROM gophermart.orders WHERE user_id = ${user}`,
      `DELETE FROM gophermart.accounts WHERE user_id = ${user}`,
      `DELETE FROM gophermart.users WHERE id = ${user}`,
      `DELETE FROM gophermart.events WHERE subject = ${user}`,
    );
  };

  it('misses a customer who was lost with all that they had, once', async () => {
    const customer = await service.customer();
    await traffic(customer);
    await reconcile(service.database.uri);
    await lose(customer);
    const { exitCode, differences } = await reconcile(service.database.uri);
    expect(differences.map((line) => line.replace(/\d.*/, ''))).toEqual(
      ['users', 'accounts', 'orders', 'entries', 'accrued', 'withdrawn'].map(
        (total) => `total-shrank: ${total}: `,
      ),
    );
    expect(differences[0]).toMatch(
      /^total-shrank: users: (\d+) in all at the reconciliation of \S+Z, \d+ now; none may be lost$/,
    );
    expect(exitCode).toBe(1);
    expect((await reconcile(service.database.uri)).differences).toEqual([]);
  });

  it('only compares where it cannot write', async () => {
    await reconcile(service.database.uri);
    const runs = await count('reconciled_totals');
    const readOnly = new URL(service.database.uri);
    readOnly.searchParams.set('options', '-c default_transaction_read_only=on');
    await service.database.query(`
      CREATE ROLE ${READER} LOGIN PASSWORD 'reader';
      GRANT USAGE ON SCHEMA gophermart TO ${READER};
      GRANT SELECT ON ALL TABLES IN SCHEMA gophermart TO ${READER}`);
    const reader = new URL(service.database.uri);
    [reader.username, reader.password] = [READER, 'reader'];
    const known = await service.customer();
    await reconcile(service.database.uri);
    await lose(known);
    for (const { href } of [readOnly, reader]) {
      const { differences } = await reconcile(href);
      expect(differences.map((line) => line.replace(/\d.*/, ''))).toEqual([
        'total-shrank: users: ',
        'total-shrank: accounts: ',
      ]);
    }
    expect(await count('reconciled_totals')).toBe(runs + 1);
    await service.database.query(`DROP OWNED BY ${READER}; DROP ROLE ${READER}`);
  });

  it('takes no run beside it for a loss, whichever ends first', async () => {
    const books = booksAt(service.database.uri);
    await reconcile(service.database.uri);
    await books.snapshot(forever, async (early) => {
      const before = await early.totals();
      await service.customer();
      await books.snapshot(forever, async (late) => late.keep(await late.totals()));
      expect(await early.shrunk(before)).toEqual([]);
      await early.keep(before);
    });
    expect((await reconcile(service.database.uri)).differences).toEqual([]);
  });

  it('ends at once when it is stopped, on the server too', async () => {
    const holder = new Client({ connectionString: service.database.uri });
    await holder.connect();
    await holder.query('BEGIN; LOCK TABLE gophermart.orders');
    const stopping = new AbortController();
    const run = booksAt(service.database.uri).snapshot(stopping.signal, (snapshot) =>
      snapshot.totals(),
    );
    const sessions = `SELECT pid FROM pg_stat_activity
      WHERE application_name = 'gophermart reconciliation' AND datname = current_database()`;
    await eventually(
      'it waits',
      async () =>
        (await service.database.query(`${sessions} AND wait_event_type = 'Lock'`)).length === 1,
    );
    stopping.abort(new Error('the service stops'));
    // By itself it would give up the lock after 5 s.
    await expect(run).rejects.toThrow(/due to user request|^Connection terminated/);
    await eventually(
      'its session is gone',
      async () => (await service.database.query(sessions)).length === 0,
      1_000,
    );
    await holder.end();
    await expect(
      booksAt(service.database.uri).snapshot(stopping.signal, () => Promise.resolve()),
    ).rejects.toThrow('the service stops');
  });

  it('says so when the database is away', async () => {
    const away = new URL(service.database.uri);
    away.port = '1';
    await expect(reconcile(away.href)).rejects.toThrow(DatabaseUnavailable);
  });
});
