import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { MIGRATIONS } from '../../../migrations/index.js';
import { MayNotMigrate, migrate } from '../../../src/platform/postgres/schema/migrate.js';
import { reconcile } from '../../support/database/reconciliation.js';
import { createTestDatabase, type TestDatabase } from '../../support/database/test-database.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { JWT_SECRET } from '../../support/http/forged-token.js';
import { startTestService } from '../../support/http/test-service.js';
import { runToEnd } from '../../support/processes/child.js';
import { mainOf } from '../../support/processes/service-process.js';

/** Roles belong to the whole server, which other test files use at the same time. */
const suffix = randomBytes(6).toString('hex');
const [OWNER, SERVICE] = [`owner_${suffix}`, `service_${suffix}`];

/** Exactly what the page tells operators to run: as a superuser, and then as the owner. */
function grants(database: string): { roles: string; rights: string } {
  const page = readFileSync('docs/operations.md', 'utf8');
  const [roles = '', rights = ''] = [...page.matchAll(/```sql\n(.*?)```/gs)].map(([, sql = '']) =>
    sql
      .replaceAll('gophermart_owner', OWNER)
      .replaceAll('gophermart_service', SERVICE)
      .replaceAll('DATABASE shop', `DATABASE ${database}`)
      .replaceAll(/PASSWORD '.*?'/g, `PASSWORD 'secret'`),
  );
  expect([roles, rights]).toEqual([
    expect.stringContaining('GRANT CONNECT'),
    expect.stringContaining('GRANT SELECT'),
  ]);
  return { roles, rights };
}

describe('a role that may only read and write rows', () => {
  let database: TestDatabase;
  let rights: string;

  beforeAll(async () => {
    database = await createTestDatabase('template1');
    const name = new URL(database.uri).pathname.slice(1);
    let roles: string;
    ({ roles, rights } = grants(name));
    await database.query(roles);
    // A database as closed as it can be.
    await database.query(`
      REVOKE ALL ON DATABASE ${name} FROM PUBLIC;
      REVOKE ALL ON SCHEMA public FROM PUBLIC;
      ALTER DEFAULT PRIVILEGES FOR ROLE ${OWNER} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC`);
  });

  afterAll(async () => {
    for (const role of [SERVICE, OWNER])
      await database.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    await database.drop();
  });

  const as = (role: string): string => {
    const uri = new URL(database.uri);
    [uri.username, uri.password] = [role, 'secret'];
    return uri.href;
  };

  const refusedWith = (message: string): object => ({ name: MayNotMigrate.name, message });

  it('is told that it may not make the schema', async () => {
    await expect(migrate(as(SERVICE))).rejects.toMatchObject(
      refusedWith(
        `the database has no schema of Gophermart’s, and the role "${SERVICE}" may not make it: ` +
          'run npm run migrate as the database’s owner',
      ),
    );
    const main = mainOf(process.cwd());
    const start = ['-a', '127.0.0.1:0', '-d', as(SERVICE), '-r', 'http://127.0.0.1:1'];
    await expect(
      runToEnd(process.execPath, [main, ...start], undefined, { env: { JWT_SECRET } }),
    ).resolves.toMatchObject({
      exitCode: 1,
      errors: expect.stringContaining(`the role "${SERVICE}" may not make it`),
    });
  });

  it('runs the service on a schema that its owner has migrated, with those rights', async () => {
    await expect(migrate(as(OWNER))).resolves.toHaveLength(MIGRATIONS.length);
    const owner = new Client({ connectionString: as(OWNER) });
    await owner.connect();
    await owner.query(rights);
    await owner.end();
    await expect(migrate(as(SERVICE))).resolves.toEqual([]);

    const service = await startTestService({
      database,
      databaseUri: as(SERVICE),
      settings: { cashback: { tickMs: 20 } },
    });
    try {
      const customer = await service.customerWith('100');
      expect((await customer.withdraw(freshNumber(), 30)).status).toBe(200);
      expect(await customer.balance()).toEqual({ current: 70, withdrawn: 30 });
      expect(await customer.orders()).toHaveLength(1);
      expect(await customer.withdrawals()).toHaveLength(1);
      expect((await fetch(`${service.url}/health/ready`)).status).toBe(200);
      expect((await reconcile(as(SERVICE))).exitCode).toBe(0);
    } finally {
      await service.stop();
    }
    expect(await database.query('SELECT FROM gophermart.reconciled_totals')).toHaveLength(1);
  });

  it('is told that it may not change a schema that is older than the program', async () => {
    const [older] = await database.query<{ name: string }>(
      `DELETE FROM gophermart.migrations WHERE name LIKE 'NormalizeLogins%' RETURNING name`,
    );
    await expect(migrate(as(SERVICE))).rejects.toMatchObject(
      refusedWith(
        `the schema is older than this program, and the role "${SERVICE}" may not change it: ` +
          'run npm run migrate as its owner',
      ),
    );
    await database.query('INSERT INTO gophermart.migrations (timestamp, name) VALUES (1, $1)', [
      older?.name,
    ]);
    await expect(migrate(as(SERVICE))).resolves.toEqual([]);
  });
});
