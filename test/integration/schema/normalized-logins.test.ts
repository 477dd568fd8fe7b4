import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hash } from 'argon2';
import { pino } from 'pino';
import { DataSource } from 'typeorm';
import { UserRepository } from '../../../src/auth/index.js';
import { dataSourceOptions } from '../../../src/platform/postgres/connect.js';
import { migrate } from '../../../src/platform/postgres/schema/migrate.js';
import { UuidV7Ids } from '../../../src/platform/system.js';
import { createTestDatabase, type TestDatabase } from '../../support/database/test-database.js';
import { json, send } from '../../support/http/raw-http.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

const ids = new UuidV7Ids();
const [COMPOSED, DECOMPOSED] = ['й', 'и\u0306'];

describe('logins of the version before', () => {
  let database: TestDatabase;
  let service: TestService | undefined;

  beforeEach(async () => {
    database = await createTestDatabase();
  });

  afterEach(async () => {
    await service?.stop();
    service = undefined;
    await database.drop();
  });

  /** Stores a user as that version does: login and password as they are typed. */
  async function store(login: string, password = login): Promise<string> {
    const id = ids.next();
    await database.query(
      `INSERT INTO gophermart.users (id, login, password_hash, registered_at)
       VALUES ($1, $2, $3, clock_timestamp())`,
      [id, login, await hash(password, { memoryCost: 9_216, timeCost: 4, parallelism: 1 })],
    );
    await database.query('INSERT INTO gophermart.accounts (user_id) VALUES ($1)', [id]);
    return id;
  }

  /** Stores users before the migration, and runs it. */
  async function migrateWith(...logins: readonly string[]): Promise<string[]> {
    const before = new DataSource(dataSourceOptions(database.uri, 1));
    await before.initialize();
    const isNormalized = (): Promise<object[]> =>
      database.query(
        `SELECT WHERE to_regclass('gophermart.users_login_not_normalized') IS NOT NULL`,
      );
    while ((await isNormalized()).length > 0)
      await before.undoLastMigration({ transaction: 'each' });
    await before.destroy();
    const stored: string[] = [];
    for (const login of logins) stored.push(await store(login));
    await migrate(database.uri);
    return stored;
  }

  const loginOf = async (id: string | undefined): Promise<string | undefined> =>
    (
      await database.query<{ login: string }>('SELECT login FROM gophermart.users WHERE id = $1', [
        id,
      ])
    )[0]?.login;

  const logIn = async (login: string, password: string): Promise<number> => {
    service ??= await startTestService({ database, logger: pino({ level: 'silent' }) });
    const body = json(JSON.stringify({ login, password }));
    return (await send(service.url, 'POST /api/user/login', body)).status;
  };

  const named = async (): Promise<string[]> => {
    service ??= await startTestService({ database });
    const users = service.app.get(UserRepository, { strict: false });
    return (await users.notNormalized(10)).map(({ id }) => id).sort();
  };

  it('are normalised, and either spelling signs in', async () => {
    const [ann, bob] = await migrateWith(`ann ${DECOMPOSED}`, `bob ${COMPOSED}`);
    expect(await loginOf(ann)).toBe(`ann ${COMPOSED}`);
    expect(await loginOf(bob)).toBe(`bob ${COMPOSED}`);
    // The hash is of what was typed before.
    expect(await logIn(`ann ${DECOMPOSED}`, `ann ${DECOMPOSED}`)).toBe(200);
    expect(await logIn(`ann ${COMPOSED}`, `ann ${DECOMPOSED}`)).toBe(200);
    expect(await logIn(`bob ${DECOMPOSED}`, `bob ${DECOMPOSED}`)).toBe(200);
    expect(await named()).toEqual([]);
  });

  it('keep their spelling where two collide, are named, and sign in by it', async () => {
    const pair = [DECOMPOSED, COMPOSED];
    const others = ['e\u0323\u0302', 'e\u0302\u0323'];
    const stored = await migrateWith(...pair, ...others);
    for (const [i, login] of [...pair, ...others].entries()) {
      expect(await loginOf(stored[i])).toBe(login);
      expect(await logIn(login, login)).toBe(200);
    }
    expect(await logIn(COMPOSED, 'x')).toBe(401);
    const [first, , third, fourth] = stored;
    expect(await named()).toEqual([first, third, fourth].sort());
  });

  it('keep their spelling where NFC is too long for a login', async () => {
    const long = '\u0958'.repeat(255);
    const [id] = await migrateWith(long);
    expect(await loginOf(id)).toBe(long);
    expect(await logIn(long, long)).toBe(200);
  });

  it('may still be stored as typed by a replica of that version', async () => {
    await migrateWith();
    const id = await store(DECOMPOSED);
    expect(await logIn(DECOMPOSED, DECOMPOSED)).toBe(200);
    expect(await named()).toEqual([id]);
  });
});
