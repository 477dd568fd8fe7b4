import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { sendTogether, type Statement } from '../../../src/platform/postgres/pg-batch.js';
import { PreparedStatements } from '../../../src/platform/postgres/prepared-statements.js';
import { Notes } from '../../support/database/notes.js';

describe(PreparedStatements.name, () => {
  const notes = Notes.ofSuite();
  let client: Client;

  beforeEach(async () => {
    client = new Client({ connectionString: notes.database.uri });
    await client.connect();
  });

  afterEach(() => client.end());

  const plain = (text: string) => ({ text, parameters: [] });
  const write = (note: string) => ({
    text: 'INSERT INTO public.notes VALUES ($1)',
    parameters: [note],
  });

  const send = (statements: readonly Statement[]) => sendTogether(client, statements, 10_000);

  interface Kept {
    readonly statement: string;
    readonly executions: number;
  }

  /** What the server keeps of this session, and how often it has served. */
  const kept = async (): Promise<Kept[]> =>
    (
      await client.query<Kept>(
        `SELECT statement, (generic_plans + custom_plans)::integer AS executions
         FROM pg_prepared_statements ORDER BY prepare_time`,
      )
    ).rows;

  it('has a statement prepared once for 64 executions, and anew for the next', async () => {
    // Five seconds must not pass, however slow the machine is.
    const now = jest.spyOn(performance, 'now').mockReturnValue(1_000);
    for (let i = 1; i <= 64; i++) await send([plain('BEGIN'), write(`${i}`), plain('COMMIT')]);
    const insert = 'INSERT INTO public.notes VALUES ($1)';
    expect((await kept()).filter(({ statement }) => statement === insert)).toEqual([
      { statement: insert, executions: 64 },
    ]);
    await send([write('65')]);
    expect((await kept()).filter(({ statement }) => statement === insert)).toEqual([
      { statement: insert, executions: 1 },
    ]);
    now.mockRestore();
  });

  it('has a statement prepared anew when it is five seconds old', async () => {
    const now = jest.spyOn(performance, 'now');
    now.mockReturnValue(1_000);
    await send([write('a')]);
    now.mockReturnValue(5_999);
    await send([write('b')]);
    expect(await kept()).toMatchObject([{ executions: 2 }]);
    now.mockReturnValue(6_000);
    await send([write('c')]);
    expect(await kept()).toMatchObject([{ executions: 1 }]);
    now.mockRestore();
  });

  it('has a statement prepared anew when it was slow', async () => {
    const sleep = (seconds: number) => ({ text: 'SELECT pg_sleep($1)', parameters: [seconds] });
    await send([sleep(0.01)]);
    await send([sleep(0.11)]);
    expect(await kept()).toMatchObject([{ executions: 2 }]);
    await send([sleep(0.01)]);
    expect(await kept()).toMatchObject([{ executions: 1 }]);
  });

  it('has nothing kept of a command', async () => {
    await send([
      { text: 'BEGIN', parameters: [], isCommand: true },
      { text: 'COMMIT', parameters: [], isCommand: true },
    ]);
    expect(await kept()).toEqual([]);
  });

  it('prepares again what a failure has left in doubt', async () => {
    const late = { text: 'SELECT note FROM public.notes', parameters: [] };
    await send([write('a')]);
    await expect(send([write('a'), late])).rejects.toMatchObject({ code: '23505' });
    const again = send([write('b'), late]);
    await expect(again).resolves.toMatchObject([
      { rowCount: 1 },
      { rows: [{ note: 'a' }, { note: 'b' }] },
    ]);
  });

  it('sends another text after a plan turned out stale: a pooler keeps the old one', async () => {
    const read = { text: 'SELECT note FROM public.notes', parameters: [] };
    await send([read]);
    await client.query('ALTER TABLE public.notes ALTER note TYPE varchar');
    await expect(send([read])).rejects.toMatchObject({ routine: 'RevalidateCachedQuery' });
    await expect(send([read])).resolves.toHaveLength(1);
    const texts = (await kept()).map(({ statement }) => statement);
    expect(texts.filter((text) => text.startsWith(read.text))).toEqual([
      read.text,
      expect.stringMatching(/notes \/\* \d+ \*\/$/),
    ]);
    await client.query('ALTER TABLE public.notes ALTER note TYPE text');
  });
});
