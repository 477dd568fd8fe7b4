import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Books } from '../../support/database/books.js';
import type { Customer } from '../../support/http/customer.js';
import { loadedBy, operate, type OperatorRun } from '../../support/processes/operator-run.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { eventually } from '../../support/eventually.js';
import { processed } from '../../support/fakes/scripted-accrual.js';
import { createTestDatabase } from '../../support/database/test-database.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

const TICK_MS = 20;

describe('npm run queue', () => {
  let first: TestService;
  let second: TestService;
  let customer: Customer;

  beforeAll(async () => {
    const settings = { cashback: { tickMs: TICK_MS, rules: { maxTries: 1 } } };
    first = await startTestService({ settings });
    second = await startTestService({ settings, database: first.database, accrual: first.accrual });
    customer = await first.customer();
  });

  afterAll(async () => {
    await second.stop();
    await first.stop();
  });

  const queue = (...args: string[]): Promise<OperatorRun> =>
    operate('queue', [...args, '-d', first.database.uri]);

  const held = async ({ url }: TestService): Promise<string | undefined> =>
    /^accrual_paused_by_operator (\d)$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1];

  it('shows why an order is parked, and puts it back: the running service credits it', async () => {
    const number = freshNumber();
    first.accrual.script(number, { status: 500 });
    await customer.upload(number);
    await eventually('it is parked, for others are answered', async () => {
      await customer.earn('1', first.accrual);
      return (
        (await first.database.query(`SELECT 1 FROM gophermart.queue WHERE status = 'FAILED'`))
          .length === 1
      );
    });
    const list = await queue('list');
    expect(list).toMatchObject({ code: 0, errors: '' });
    expect(list.lines[1]).toMatch(new RegExp(`^${number} +FAILED +1 .*parked .*500`));
    expect((await customer.order(number))?.status).toBe('PROCESSING');

    first.accrual.script(number, processed(number, '729.98'));
    await expect(queue('retry', number, '12345678903')).resolves.toEqual({
      code: 1,
      lines: [`${number}: put back`, '12345678903: no such order', '1 of 2 put back'],
      errors: '',
    });
    await eventually(
      'it is credited',
      async () => (await customer.order(number))?.status === 'PROCESSED',
    );
    await expect(queue('retry', number)).resolves.toMatchObject({
      code: 1,
      lines: [`${number}: no such task: the order is PROCESSED`, '0 of 1 put back'],
    });
    await expect(queue('list')).resolves.toMatchObject({ code: 0, lines: ['nothing is parked'] });
  });

  it('pauses the requests of all replicas, and nothing else, until they are resumed', async () => {
    const other = await second.customer();
    await expect(queue('pause')).resolves.toMatchObject({
      code: 0,
      lines: [expect.stringMatching(/^paused; 0 tasks wait/)],
    });
    expect([await held(first), await held(second)]).toEqual(['1', '1']);
    const askedBefore = first.accrual.requests.length;
    const numbers = [freshNumber(), freshNumber()] as const;
    for (const number of numbers) first.accrual.script(number, processed(number, '1'));
    expect((await customer.upload(numbers[0])).status).toBe(202);
    expect((await other.upload(numbers[1])).status).toBe(202);
    // Each replica was woken by its upload, and has had ten ticks since.
    await pause(10 * TICK_MS);
    expect(first.accrual.requests).toHaveLength(askedBefore);
    const again = await queue('pause');
    expect(again.lines).toEqual([
      expect.stringMatching(/^was paused already since .*Z; 2 tasks wait$/),
    ]);
    const stats = await queue('stats', '--json');
    expect(JSON.parse(stats.lines[0] ?? '')).toMatchObject({
      PENDING: { tasks: 2, due: 2 },
      gate: { breaker_open: false },
    });
    const resumed = await queue('resume');
    expect(resumed.lines).toEqual([
      expect.stringMatching(/^resumed after \d+ (s|min); [0-2] tasks? (is|are) due$/),
    ]);
    await eventually('both are credited', async () => {
      const orders = [await customer.order(numbers[0]), await other.order(numbers[1])];
      return orders.every((order) => order?.status === 'PROCESSED');
    });
    expect([await held(first), await held(second)]).toEqual(['0', '0']);
  });

  it('sends no request itself, and changes no task but those it is told to', async () => {
    const database = await createTestDatabase();
    try {
      const books = new Books(database);
      const user = await books.user();
      const [parked, due] = [await books.task(user, { status: 'FAILED' }), await books.task(user)];
      const env = { CASHBACK_TICK_MS: '10' };
      const { lines } = await operate('queue', ['retry', '--all', '-d', database.uri], env);
      expect(lines).toEqual(['1 task put back']);
      expect((await operate('queue', ['stats', '-d', database.uri], env)).lines[0]).toMatch(
        /^PENDING {5}2: 2 due/,
      );
      for (const task of [parked, due])
        expect(await books.taskOf(task)).toMatchObject({ status: 'PENDING', attempt: 0, tries: 0 });
    } finally {
      await database.drop();
    }
  });

  it('refuses what it cannot do, in a sentence', async () => {
    await expect(queue('rerty')).resolves.toEqual({
      code: 2,
      lines: [],
      errors: expect.stringContaining('"rerty" is no command'),
    });
    await expect(
      operate('queue', ['stats', '-d', 'postgres://nobody@127.0.0.1:1/none']),
    ).resolves.toEqual({
      code: 1,
      lines: [],
      errors: 'the database 127.0.0.1:1/none cannot be used: connect ECONNREFUSED 127.0.0.1:1\n',
    });
    await expect(
      operate('queue', ['stats'], { DATABASE_URI: 'mysql://x', CASHBACK_TICK_MS: 'often' }),
    ).resolves.toEqual({
      code: 1,
      lines: [],
      errors: expect.stringMatching(/DATABASE_URI[^]*CASHBACK_TICK_MS/),
    });
    const empty = await createTestDatabase('template1');
    try {
      const refused = await operate('queue', ['pause', '-d', empty.uri], {
        NODE_ENV: 'production',
        RPC_ADDRESS: ':9090',
        RPC_KEY: '/of/the/service.pem',
      });
      expect(refused).toEqual({
        code: 1,
        lines: [],
        errors: expect.stringMatching(/^the database .* has no schema .*\n$/),
      });
      await expect(
        empty.query(`SELECT 1 FROM pg_namespace WHERE nspname = 'gophermart'`),
      ).resolves.toEqual([]);
    } finally {
      await empty.drop();
    }
  });

  it('says what it takes, by npm and without a database', () => {
    const { PATH = '', HOME = '' } = process.env;
    const { status, stdout } = spawnSync('npm', ['run', '--silent', 'queue', '--', '--help'], {
      env: { PATH, HOME, DATABASE_URI: 'mysql://x' },
      encoding: 'utf8',
    });
    expect(status).toBe(0);
    expect(stdout).toMatch(/npm run queue -- <command>[^]*pause/);
  });

  it.each([
    ['queue', ['commander']],
    ['customer', ['commander', 'uuid']],
    ['journal', ['commander']],
    ['reconcile', ['commander']],
    ['migrate', ['commander']],
  ] as const)('%s loads nothing of the service to print its help, but %j', async (name, needed) => {
    const { packages, files } = await loadedBy(name, ['--help']);
    expect(packages).toEqual(needed);
    expect(files).toContain('command.js');
  });

  it('makes no database where there is none', async () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'gophermart-queue-')), 'data');
    const { code, lines, errors } = await operate('queue', ['stats'], { DATA_FOLDER: folder });
    expect({ code, lines, errors }).toEqual({
      code: 1,
      lines: [],
      errors: expect.stringContaining(`no service was ever started on the data folder ${folder}`),
    });
    expect(existsSync(folder)).toBe(false);
    rmSync(join(folder, '..'), { recursive: true });
  });
});
