import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sendTogether, type Statement } from '../../../src/platform/postgres/pg-batch.js';
import { Notes } from '../../support/database/notes.js';

describe(sendTogether, () => {
  const notes = Notes.ofSuite();
  let client: Client;

  const connect = async (options: object = {}): Promise<Client> => {
    const connected = new Client({ connectionString: notes.database.uri, ...options });
    connected.on('error', () => undefined);
    await connected.connect();
    return connected;
  };

  beforeEach(async () => {
    client = await connect();
  });

  afterEach(() => client.end());

  const write = (note: string) => ({
    text: 'INSERT INTO public.notes VALUES ($1)',
    parameters: [note],
  });
  const plain = (text: string) => ({ text, parameters: [] });

  const send = (
    to: Client,
    statements: readonly Statement[],
    beforeLast?: Promise<void>,
    patienceMs = 10_000,
  ) => sendTogether(to, statements, patienceMs, beforeLast);

  it('answers each statement by itself, in order', async () => {
    const results = await send(client, [
      plain('BEGIN'),
      { text: 'SELECT $1::integer AS one, $2::timestamptz AS at', parameters: [1, new Date(0)] },
      write('a'),
      plain('SELECT note FROM public.notes WHERE false'),
      { text: 'SELECT unnest($1::text[]) AS note', parameters: [['x', null, '{"y,']] },
      plain('COMMIT'),
    ]);
    expect(results.map(({ command, rowCount }) => [command, rowCount])).toEqual([
      ['BEGIN', null],
      ['SELECT', 1],
      ['INSERT', 1],
      ['SELECT', 0],
      ['SELECT', 3],
      ['COMMIT', null],
    ]);
    expect(results[1]?.rows).toEqual([{ one: 1, at: new Date(0) }]);
    expect(results[3]?.rows).toEqual([]);
    expect(results[4]?.rows).toEqual([{ note: 'x' }, { note: null }, { note: '{"y,' }]);
    expect(await notes.all()).toEqual(['a']);
  });

  it('shows each statement what was committed while the one before it waited', async () => {
    const other = await connect();
    await other.query(`BEGIN; INSERT INTO public.notes VALUES ('a')`);
    const together = send(client, [
      plain('BEGIN'),
      plain('LOCK TABLE public.notes IN EXCLUSIVE MODE'),
      plain('SELECT note FROM public.notes'),
      plain('COMMIT'),
    ]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await other.query('COMMIT');
    await other.end();
    expect((await together)[2]?.rows).toEqual([{ note: 'a' }]);
  });

  it('sends no last statement that is refused, and goes on', async () => {
    const refused = send(
      client,
      [plain('BEGIN'), write('a'), plain('COMMIT')],
      Promise.reject(new Error('refused')),
    );
    await expect(refused).rejects.toThrow('refused');
    await client.query('ROLLBACK');
    await send(client, [plain('BEGIN'), write('b'), plain('COMMIT')], Promise.resolve());
    expect(await notes.all()).toEqual(['b']);
  });

  it.each(['may go', 'is refused'])(
    'tells of a failure before the last statement, which %s',
    async (what) => {
      const atLast = new Promise<void>((resolve, reject) =>
        setTimeout(() => (what === 'may go' ? resolve() : reject(new Error('refused'))), 50),
      );
      const failing = send(
        client,
        [plain('BEGIN'), plain('SELECT 1 / 0'), plain('COMMIT')],
        atLast,
      );
      await expect(failing).rejects.toMatchObject({ code: '22012' });
      await client.query('ROLLBACK');
      expect(await send(client, [write('c')])).toHaveLength(1);
    },
  );

  it('breaks off with the connection while the last statement waits', async () => {
    const [{ pid } = { pid: 0 }] = (
      await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    ).rows;
    let pass: () => void = () => undefined;
    const waiting = send(
      client,
      [plain('BEGIN'), write('a'), plain('COMMIT')],
      new Promise((resolve) => (pass = resolve)),
    );
    const broken = expect(waiting).rejects.toThrow();
    await notes.database.query('SELECT pg_terminate_backend($1)', [pid]);
    await broken;
    pass();
    await new Promise(setImmediate);
    expect(await notes.all()).toEqual([]);
  });

  it('runs nothing behind a statement that fails, the COMMIT neither, and goes on', async () => {
    const failing = send(client, [
      plain('BEGIN'),
      write('a'),
      plain('SELECT 1 / 0'),
      write('b'),
      plain('COMMIT'),
    ]);
    await expect(failing).rejects.toMatchObject({ code: '22012' });
    await client.query('ROLLBACK');
    expect(await notes.all()).toEqual([]);
    expect(await send(client, [write('c')])).toHaveLength(1);
    expect(await notes.all()).toEqual(['c']);
  });

  it('commits nothing by itself where the BEGIN fails', async () => {
    const failing = send(client, [
      plain('BEGIN ISOLATION LEVEL nonsense'),
      write('a'),
      plain('COMMIT'),
    ]);
    await expect(failing).rejects.toMatchObject({ code: '42601' });
    expect(await notes.all()).toEqual([]);
  });

  it('commits nothing where a parameter cannot be sent', async () => {
    const circle: Record<string, unknown> = {};
    circle['circle'] = circle;
    const failing = send(client, [
      plain('BEGIN'),
      { text: 'SELECT $1::json', parameters: [circle] },
      write('a'),
      plain('COMMIT'),
    ]);
    await expect(failing).rejects.toThrow('circular');
    await client.query('ROLLBACK');
    expect(await notes.all()).toEqual([]);
  });

  it('fails when the session ends', async () => {
    const failing = send(client, [
      plain('BEGIN'),
      plain('SELECT pg_terminate_backend(pg_backend_pid())'),
      plain('COMMIT'),
    ]);
    await expect(failing).rejects.toThrow(/terminat/);
  });

  it('waits for the answers no longer than it is told', async () => {
    const other = await connect();
    const slow = [plain('SELECT pg_sleep(30)')];
    await expect(send(other, slow, undefined, 50)).rejects.toThrow('Query read timeout');
    await other.end();
  });
});
