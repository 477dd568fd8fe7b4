import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../support/database/test-database.js';
import { eventually, ScriptedAccrual } from '../../support/fakes/scripted-accrual.js';
import { ServiceProcess } from '../../support/processes/service-process.js';

describe('a start that has to wait', () => {
  let database: TestDatabase;
  let accrual: ScriptedAccrual;
  const folder = mkdtempSync(join(tmpdir(), 'gophermart-starting-'));

  beforeAll(async () => {
    database = await createTestDatabase();
    accrual = await ScriptedAccrual.start();
  });

  afterAll(async () => {
    await accrual.stop();
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  const log = (name: string): string => readFileSync(join(folder, name), 'utf8');

  function start(name: string, databaseUri: string): Promise<ServiceProcess> {
    const logFile = join(folder, name);
    writeFileSync(logFile, '');
    return ServiceProcess.start({ databaseUri, accrualAddress: accrual.url, logFile });
  }

  it('for its database says where that is, and why, and gives up with a sentence', async () => {
    const away = 'postgres://gopher:s3cret@127.0.0.1:1/shop?sslmode=prefer&password=s3cret';
    await expect(start('away', away)).rejects.toThrow('ended before it was ready');
    const said = log('away');
    const waiting = said.match(/waiting for the database at 127.0.0.1:1\/shop: .*\(\d+ s\)/g) ?? [];
    expect(waiting.length).toBeGreaterThanOrEqual(2);
    expect(waiting.at(-1)).toContain('connect ECONNREFUSED 127.0.0.1:1');
    expect(said).toMatch(
      /^Gophermart cannot start: the database at 127.0.0.1:1\/shop cannot be used: .*REFUSED/m,
    );
    expect(said).not.toContain('s3cret');
  });

  it('for another replica’s migrations says so', async () => {
    const other = new Client({ connectionString: database.uri });
    await other.connect();
    await other.query('DROP SCHEMA gophermart CASCADE');
    await other.query('SELECT pg_advisory_lock(7106240512)');
    const starting = start('migrating', database.uri);
    await eventually('it says so', () =>
      /waiting for another replica, which migrates the database/.test(log('migrating')),
    );
    await other.end();
    await expect((await starting).end('SIGTERM')).resolves.toBe(0);
  });
});
