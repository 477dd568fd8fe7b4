import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { sendTogether } from '../../../src/platform/postgres/pg-batch.js';
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
    for (let i = 1; i <= 64; i++)
      await sendTogether(client, [plain('BEGIN'), write(`${i}`), plain('COMMIT')]);
    const insert = 'INSERT INTO public.notes VALUES ($1)';
    expect((await kept()).filter(({ statement }) => statement === insert)).toEqual([
      { statement: insert, executions: 64 },
    ]);
    await sendTogether(client, [write('65')]);
    expect((await kept()).filter(({ statement }) => statement === insert)).toEqual([
      { statement: insert, executions: 1 },
    ]);
  });

  it('has a statement prepared anew when it is five seconds old', async () => {
    const now = jest.spyOn(performance, 'now');
    now.mockReturnValue(1_000);
    await sendTogether(client, [write('a')]);
    now.mockReturnValue(5_999);
    await sendTogether(client, [write('b')]);
    expect(await kept()).toMatchObject([{ executions: 2 }]);
    now.mockReturnValue(6_000);
    await sendTogether(client, [write('c')]);
    expect(await kept()).toMatchObject([{ executions: 1 }]);
    now.mockRestore();
  });

  it('has a statement prepared anew when it was slow', async () => {
    const sleep = (seconds: number) => ({ text: 'SELECT pg_sleep($1)', parameters: [seconds] });
    await sendTogether(client, [sleep(0.01)]);
    await sendTogether(client, [sleep(0.11)]);
    expect(await kept()).toMatchObject([{ executions: 2 }]);
    await sendTogether(client, [sleep(0.01)]);
    expect(await kept()).toMatchObject([{ executions: 1 }]);
  });

  it('has nothing kept of a command', async () => {
    await sendTogether(client, [
      { text: 'BEGIN', parameters: [], isCommand: true },
      { text: 'COMMIT', parameters: [], isCommand: true },
    ]);
    expect(await kept()).toEqual([]);
  });

  it('prepares again what a failure has left in doubt', async () => {
    const late = { text: 'SELECT note FROM public.notes', parameters: [] };
    await sendTogether(client, [write('a')]);
    await expect(sendTogether(client, [write('a'), late])).rejects.toMatchObject({ code: '23505' });
    const again = sendTogether(client, [write('b'), late]);
    await expect(again).resolves.toMatchObject([
      { rowCount: 1 },
      { rows: [{ note: 'a' }, { note: 'b' }] },
    ]);
  });
});
