import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Customer } from '../../support/http/customer.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { EventReader } from '../../support/http/event-reader.js';
import { eventually } from '../../support/eventually.js';
import { NpmStart } from '../../support/processes/npm-start.js';
import { operate, type OperatorRun } from '../../support/processes/operator-run.js';

/** Where the machine is slow a line comes every five seconds. */
const HOW_FAR = expect.stringMatching(/^(restored [\d.]+ of [\d.]+ MB, .*\n)*$/);

describe('npm run backup, and npm run restore', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gophermart-backup-'));
  const file = join(folder, 'books.backup');
  const data = { DATA_FOLDER: join(folder, 'data') };
  const elsewhere = { DATA_FOLDER: join(folder, 'elsewhere') };
  const areaOf = ({ DATA_FOLDER }: typeof data): string => join(DATA_FOLDER, 'postgres');
  const before: string[] = [];
  let running: NpmStart;
  let ann: Customer;
  /** Ann, as she was signed in before. */
  let stranger: Customer;
  let key = '';
  let cursor = '';
  let lastId = '';

  const start = (env: Readonly<Record<string, string>>): Promise<string> => {
    running = NpmStart.run(['-a', '127.0.0.1:0'], env);
    return running.ready();
  };

  const backup = (env = data, ...args: string[]): Promise<OperatorRun> =>
    operate('backup', args, env);

  const restore = (env: typeof data, ...args: string[]): Promise<OperatorRun> =>
    operate('restore', args, env);

  const logIn = (url: string, login: string): Promise<Customer> =>
    Customer.enter(url, 'login', login, 'a password');

  const upload = async (): Promise<string> => {
    const number = freshNumber();
    expect((await ann.upload(number)).status).toBe(202);
    return number;
  };

  beforeAll(async () => {
    // As root the server runs as nobody, who must get through to its data.
    chmodSync(folder, 0o755);
    const url = await start(data);
    stranger = ann = await Customer.register(url, 'ann', 'a password');
    key = readFileSync(join(areaOf(data), 'jwt-secret'), 'utf8').trim();
    const rewarded = await (await fetch(`${url}/sandbox/order`)).text();
    await ann.upload(rewarded);
    await eventually('points arrive', async () => (await ann.balance()).current > 0);
    before.push(rewarded, await upload(), await upload());
    const page = await ann.call('GET', '/api/user/orders?limit=1');
    [, cursor = ''] = /cursor=([^&>]+)/.exec(page.headers.get('link') ?? '') ?? [];
  });

  afterAll(async () => {
    await NpmStart.endAll();
    rmSync(folder, { recursive: true, force: true });
  });

  it('copies the database while customers use it', async () => {
    const done = new AbortController();
    const writing = (async () => {
      while (!done.signal.aborted) {
        await upload();
        expect((await ann.withdraw(freshNumber(), '0.01')).status).toBe(200);
      }
    })();
    const { code, lines } = await backup(data, file);
    done.abort();
    await writing;
    expect({ code, lines }).toEqual({
      code: 0,
      lines: [expect.stringMatching(/ holds the database as of now, \d+ MB before compression$/)],
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
    await Customer.register(ann.url, 'later', 'a password');
    const stream = await EventReader.open(ann.url, ann.authorization);
    ({ lastId } = stream);
    stream.close();
  });

  it('leaves a file alone that is there already', async () => {
    const { size } = statSync(file);
    expect(await backup(data, file)).toMatchObject({
      code: 1,
      errors: `${file} is there already\n`,
    });
    expect(statSync(file).size).toBe(size);
  });

  it('restores nothing under a running service', async () => {
    const { code, errors } = await restore(data, file, '--replace');
    expect(code).toBe(1);
    expect(errors).toMatch(/^another service, process \d+, is running on the data folder/);
  });

  it('replaces a database only when it is told to, and keeps it', async () => {
    expect((await running.end('SIGTERM')).code).toBe(0);
    const refused = await restore(data, file);
    expect(refused).toMatchObject({ code: 1, errors: expect.stringContaining('--replace') });
    const done = await restore(data, file, '--replace', '--by', 'bob', '--json');
    expect(done).toMatchObject({ code: 0, errors: HOW_FAR });
    const { replaced, by } = JSON.parse(done.lines[0] ?? '') as { replaced: string; by: string };
    expect(by).toBe('bob');
    expect(existsSync(join(replaced, 'pgdata', 'PG_VERSION'))).toBe(true);
    const { code, lines } = await operate('reconcile', [], data);
    expect({ code, lines }).toEqual({
      code: 0,
      lines: [expect.stringMatching(/^The books agree/)],
    });
  });

  it('has ended all sessions, and refuses cursors and places of before', async () => {
    const url = await start(data);
    const old = ann.at(url);
    expect(await old.statusOf('GET', '/api/user/balance')).toBe(401);
    await expect(logIn(url, 'later')).rejects.toThrow('401');
    ann = await logIn(url, 'ann');
    expect((await ann.orders()).map(({ number }) => number)).toEqual(
      expect.arrayContaining(before),
    );
    expect(await ann.statusOf('GET', `/api/user/orders?limit=1&cursor=${cursor}`)).toBe(400);
    expect(await ann.statusOf('GET', `/api/user/events?after=${lastId}`)).toBe(400);
    expect((await running.end('SIGTERM')).code).toBe(0);
  });

  it('restores into an empty folder, and ends sessions of the same key', async () => {
    const restored = await restore(elsewhere, file);
    expect(restored).toMatchObject({ code: 0, errors: HOW_FAR });
    const url = await start({ ...elsewhere, JWT_SECRET: key });
    expect(await stranger.at(url).statusOf('GET', '/api/user/balance')).toBe(401);
    const again = await logIn(url, 'ann');
    expect(await again.statusOf('GET', '/api/user/balance')).toBe(200);
    expect((await running.end('SIGTERM')).code).toBe(0);
  });

  it('leaves the folder of another user to that user, also as root', async () => {
    const theirs = { DATA_FOLDER: join(folder, 'theirs') };
    mkdirSync(areaOf(theirs), { recursive: true });
    // Only root can give a folder away, and is let into one of others.
    if (process.getuid?.() !== 0) return;
    chownSync(areaOf(theirs), 54_321, 54_321);
    const { code, errors } = await restore(theirs, file);
    expect({ code, errors }).toEqual({
      code: 1,
      errors: expect.stringContaining('belongs to the user with the uid 54321'),
    });
    expect(readdirSync(areaOf(theirs))).toEqual([]);
  });

  it.each([
    [
      'that ends early',
      (whole: Buffer) => whole.subarray(0, whole.length / 2),
      'is no whole backup',
    ],
    ['that is something else', () => Buffer.from('{}'), 'is no whole backup'],
    [
      'of another PostgreSQL',
      (whole: Buffer) => {
        const tar = gunzipSync(whole);
        const at = tar.indexOf('"postgres":18');
        tar.write('17', at + 11);
        return gzipSync(tar);
      },
      'the backup is of PostgreSQL 17, and this is 18',
    ],
  ])('refuses a file %s, and makes nothing', async (_, change, why) => {
    const bad = join(folder, 'bad.backup');
    writeFileSync(bad, change(readFileSync(file)));
    const other = { DATA_FOLDER: join(folder, 'bad') };
    const { code, errors } = await restore(other, bad);
    expect({ code, errors }).toEqual({ code: 1, errors: expect.stringContaining(why) });
    expect(readdirSync(areaOf(other)).filter((name) => name.startsWith('cluster'))).toEqual([]);
  });
});
