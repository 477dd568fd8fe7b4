import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createTestDatabase,
  setForDatabase,
  type TestDatabase,
} from '../../support/database/test-database.js';
import { eventually } from '../../support/eventually.js';
import type { Customer } from '../../support/http/customer.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

/** A trigger that fails as the server itself would with a full disk, for example. */
const FAILS = `
  CREATE FUNCTION public.fails() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION 'it cannot' USING ERRCODE = current_setting('gophermart_test.state');
  END $$;
  CREATE TRIGGER fails BEFORE INSERT ON gophermart.orders EXECUTE FUNCTION public.fails();
  CREATE TRIGGER fails BEFORE INSERT ON gophermart.ledger_entries EXECUTE FUNCTION public.fails();
  CREATE TRIGGER fails BEFORE INSERT ON gophermart.users EXECUTE FUNCTION public.fails()`;

describe('a database that refuses to do its part', () => {
  const role = `role_${randomBytes(6).toString('hex')}`;
  let database: TestDatabase;
  let name: string;
  let admin: Client;
  let service: TestService;
  let customer: Customer;

  beforeAll(async () => {
    database = await createTestDatabase();
    const own = new URL(database.uri);
    name = own.pathname.slice(1);
    admin = new Client({ connectionString: process.env['TEST_DATABASE_URI'] });
    await admin.connect();
    await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
    await admin.query(`REVOKE CONNECT ON DATABASE ${name} FROM PUBLIC`);
    await admin.query(`GRANT CONNECT ON DATABASE ${name} TO ${role}`);
    await database.query(`
      GRANT USAGE ON SCHEMA gophermart TO ${role};
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA gophermart TO ${role}`);
    own.username = role;
    own.password = 'secret';
    service = await startTestService({ database, databaseUri: own.href });
    customer = await service.customerWith('100');
  });

  afterAll(async () => {
    await service.stop();
    await database.drop();
    await admin.query(`DROP ROLE ${role}`);
    await admin.end();
  });

  const endSessions = (): Promise<unknown> =>
    admin.query(
      'SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity WHERE usename = $1',
      [role],
    );

  const statusOf: Customer['statusOf'] = (...request) => customer.statusOf(...request);

  const reads = (): Promise<number[]> =>
    Promise.all(
      ['balance', 'orders', 'withdrawals'].map((each) => statusOf('GET', `/api/user/${each}`)),
    );
  const writes = (): Promise<number[]> =>
    Promise.all([
      statusOf('POST', '/api/user/orders', { number: freshNumber() }),
      statusOf('POST', '/api/user/balance/withdraw', { order: freshNumber(), sum: 1 }),
      statusOf('POST', '/api/user/register', { login: freshNumber(), password: 'secret' }),
    ]);
  const ready = (): Promise<number> => statusOf('GET', '/health/ready');

  const goesOn = async (): Promise<void> => {
    await eventually('it is ready again', async () => (await ready()) === 200);
    expect((await reads()).every((status) => status < 300)).toBe(true);
    expect((await writes()).every((status) => status < 300)).toBe(true);
    // What was written is shown before anybody is cut off again.
    await reads();
  };

  it.each(['53100', '53200', '58030', 'XX001', 'XX000', '54P99', 'ZZ999'])(
    'answers 503 to what fails with %s',
    async (state) => {
      await setForDatabase(database, { 'gophermart_test.state': state });
      await database.query(FAILS);
      await endSessions();
      const isOurs = state.startsWith('54');
      expect(await writes()).toEqual([503, 503, 503].map((each) => (isOurs ? 500 : each)));
      await database.query('DROP FUNCTION public.fails CASCADE');
      await goesOn();
    },
  );

  it('serves reads where it is read-only, and is not ready', async () => {
    await setForDatabase(database, { default_transaction_read_only: 'on' });
    await endSessions();
    expect(await writes()).toEqual([503, 503, 503]);
    expect((await reads()).every((status) => status < 300)).toBe(true);
    expect(await ready()).toBe(503);
    await admin.query(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
    await endSessions();
    await goesOn();
  });

  it.each([
    [
      'rights',
      'REVOKE INSERT, UPDATE ON ALL TABLES IN SCHEMA gophermart FROM ROLE',
      'GRANT INSERT, UPDATE ON ALL TABLES IN SCHEMA gophermart TO ROLE',
    ],
  ])('answers 503 to writes where its %s were taken away', async (_, take, give) => {
    await database.query(take.replace('ROLE', role));
    expect(await writes()).toEqual([503, 503, 503]);
    await database.query(give.replace('ROLE', role));
    await goesOn();
  });

  it.each([
    ['the role may not log in', 'ALTER ROLE $role NOLOGIN', 'ALTER ROLE $role LOGIN'],
    [
      'the password is another',
      `ALTER ROLE $role PASSWORD 'x'`,
      `ALTER ROLE $role PASSWORD 'secret'`,
    ],
    [
      'CONNECT is revoked',
      'REVOKE CONNECT ON DATABASE $name FROM $role',
      'GRANT CONNECT ON DATABASE $name TO $role',
    ],
    [
      'the database is closed',
      'ALTER DATABASE $name ALLOW_CONNECTIONS false',
      'ALTER DATABASE $name ALLOW_CONNECTIONS true',
    ],
    [
      'no connection is left',
      'ALTER ROLE $role CONNECTION LIMIT 0',
      'ALTER ROLE $role CONNECTION LIMIT -1',
    ],
  ])('answers 503 to everything where %s', async (_, refuse, allow) => {
    const fill = (sql: string): string => sql.replaceAll('$role', role).replaceAll('$name', name);
    await admin.query(fill(refuse));
    await endSessions();
    expect(await reads()).toEqual([503, 503, 503]);
    expect(await writes()).toEqual([503, 503, 503]);
    expect(await ready()).toBe(503);
    await admin.query(fill(allow));
    await goesOn();
  });
});
