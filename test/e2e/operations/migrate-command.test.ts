import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MIGRATIONS } from '../../../migrations/index.js';
import { READ_MODEL_MIGRATIONS } from '../../../migrations/query/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/database/test-database.js';
import { operate, type OperatorRun } from '../../support/processes/operator-run.js';
import { useLauncher } from '../../support/processes/launcher.js';

const NOTHING_TO_DO = 'The schema is up to date: there was nothing to do.';
const RAN = MIGRATIONS.map(({ name }) => `ran ${name}`);

describe('npm run migrate', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase('template1');
  });

  afterEach(() => database.drop());

  const run = (...args: string[]): Promise<OperatorRun> => operate('migrate', args);

  it('migrates an empty database, says what ran, and does nothing the second time', async () => {
    await expect(run('-d', database.uri)).resolves.toEqual({ code: 0, lines: RAN, errors: '' });
    await expect(
      operate('migrate', [], { DATABASE_URI: database.uri, NODE_ENV: 'production' }),
    ).resolves.toEqual({ code: 0, lines: [NOTHING_TO_DO], errors: '' });
  });

  it('migrates the database of the read model, where one is configured', async () => {
    const readModel = await createTestDatabase('template1');
    await expect(
      operate('migrate', ['-d', database.uri], { QUERY_DATABASE_URI: readModel.uri }),
    ).resolves.toMatchObject({
      code: 0,
      lines: [...RAN, ...READ_MODEL_MIGRATIONS.map(({ name }) => `ran ${name}`)],
    });
    await readModel.drop();
  });

  it('exits with 1 where the database is away, with 2 where it is misused', async () => {
    const { code, lines, errors } = await run('-d', 'postgres://ann:secret@127.0.0.1:1/shop');
    expect([code, lines]).toEqual([1, []]);
    expect(errors).toContain('ECONNREFUSED');
    expect(errors).not.toContain('secret');
    await expect(run('--force', '-d')).resolves.toMatchObject({
      code: 2,
      lines: [],
      errors: expect.stringMatching(
        /-d needs a value[^]*--force is no option|--force is no option[^]*-d needs a value/,
      ),
    });
    await expect(
      database.query(`SELECT 1 FROM pg_namespace WHERE nspname = 'gophermart'`),
    ).resolves.toEqual([]);
  });

  it('helps at once', async () => {
    const help = await run('--help');
    expect([help.code, help.errors]).toEqual([0, '']);
    expect(help.lines.join('\n')).toMatch(/npm run migrate --.*-d <uri>/s);
  });
});

describe('npm run migrate on the embedded database', () => {
  const launcher = useLauncher();

  it('migrates it, running or not, once a service has made it', async () => {
    const run = (): Promise<OperatorRun> => operate('migrate', [], { DATA_FOLDER: launcher.place });
    await expect(run()).resolves.toMatchObject({
      code: 1,
      errors: expect.stringContaining('no service was ever started on the data folder'),
    });
    const service = launcher.start();
    await service.ready();
    expect(await run()).toMatchObject({ code: 0, lines: RAN });
    await service.stop();
    expect(await run()).toMatchObject({ code: 0, lines: [NOTHING_TO_DO] });
  });
});
