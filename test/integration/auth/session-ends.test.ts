import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { LogOut } from '../../../src/auth/application/log-out.js';
import type { Session, SessionEnd } from '../../../src/auth/domain/session.js';
import {
  SqlSessionEnding,
  SqlSessionEnds,
} from '../../../src/auth/infrastructure/sql-session-ends.js';
import { UserMissing } from '../../../src/kernel/domain/domain-error.js';
import { openDatabase, type OpenDatabase } from '../../support/database/open-database.js';
import { lockWaits } from '../../support/database/test-database.js';
import { eventually } from '../../support/eventually.js';

const DAY_S = 86_400;
const NOW_S = Math.floor(Date.now() / 1000);

describe('the sessions that have ended', () => {
  let open: OpenDatabase;
  let ends: SqlSessionEnds;
  let logOut: LogOut;
  let ann: string;

  beforeAll(async () => {
    open = await openDatabase();
    ends = new SqlSessionEnds(open.unitOfWork);
    logOut = new LogOut(open.unitOfWork, new SqlSessionEnding());
  });

  afterAll(() => open.close());

  beforeEach(async () => {
    await open.database.query('DELETE FROM gophermart.session_ends');
    ann = await open.books.user();
  });

  const session = (userId = ann, expiresAt = NOW_S + DAY_S): Session => ({
    userId,
    generation: 0,
    tokenHash: createHash('sha256').update(randomUUID()).digest('base64'),
    expiresAt,
    goodUntil: expiresAt,
  });
  const ended = () => ({ userId: ann, generation: expect.any(Number) });
  const endOf = ({ userId, tokenHash }: Session): SessionEnd => ({ userId, tokenHash });
  const raise = (userId = ann): Promise<unknown> =>
    open.database.query('UPDATE gophermart.users SET generation = generation + 1 WHERE id = $1', [
      userId,
    ]);
  const known = async (mark?: string, maxAgeS = DAY_S): Promise<readonly SessionEnd[]> =>
    (await ends.after(mark, maxAgeS))?.ends ?? [];

  it('are read from the beginning, and then what is new', async () => {
    await expect(ends.after(undefined, DAY_S)).resolves.toEqual({
      ends: [],
      mark: undefined,
      isLast: true,
    });
    const [first, second] = [session(), session()];
    await logOut.execute([first]);
    const page = await ends.after(undefined, DAY_S);
    expect(page).toEqual({ ends: [endOf(first)], mark: expect.any(String), isLast: true });
    await logOut.execute([second]);
    await raise();
    expect(await known(page?.mark)).toEqual([endOf(first), endOf(second), ended()]);
  });

  it('come in pages', async () => {
    await open.database.query(
      `INSERT INTO gophermart.session_ends (user_id, generation, until)
       SELECT $1, n, 'infinity' FROM generate_series(1, 7000) n`,
      [ann],
    );
    const first = await ends.after(undefined, DAY_S);
    const second = await ends.after(first?.mark, DAY_S);
    expect([first?.isLast, second?.isLast]).toEqual([false, true]);
    const all = new Set(
      [...(first?.ends ?? []), ...(second?.ends ?? [])].map((end) =>
        'generation' in end ? end.generation : 0,
      ),
    );
    expect(all.size).toBe(7000);
  });

  it('are stored once each, of users who exist', async () => {
    const [again, stranger] = [session(), session(randomUUID())];
    await expect(logOut.execute([again, stranger, again])).resolves.toEqual([
      { value: undefined },
      { broken: expect.any(UserMissing) },
      { value: undefined },
    ]);
    await expect(logOut.execute([again])).resolves.toEqual([{ value: undefined }]);
    expect(await known()).toEqual([endOf(again)]);
  });

  it('that commit late have nobody overtake them, so none is missed', async () => {
    const slow = new Client({ connectionString: open.database.uri });
    await slow.connect();
    try {
      await slow.query('BEGIN');
      await slow.query('UPDATE gophermart.users SET generation = 1 WHERE id = $1', [ann]);
      const other = session(await open.books.user());
      const late = logOut.execute([other]);
      await eventually('the other waits', async () => (await lockWaits(open.database)) === 1);
      expect(await known()).toEqual([]);
      await slow.query('COMMIT');
      await late;
      expect(await known()).toEqual([ended(), endOf(other)]);
    } finally {
      await slow.end();
    }
  });

  it('are left out when their tokens have expired, with time to spare for clocks', async () => {
    const [old, justNow] = [session(ann, NOW_S - 4_000), session(ann, NOW_S - 3_000)];
    await logOut.execute([old, justNow]);
    await raise();
    await open.database.query(
      `UPDATE gophermart.session_ends SET at = clock_timestamp() - interval '2 hours'`,
    );
    expect(await known(undefined, 7_000)).toEqual([endOf(justNow)]);
    expect(await known(undefined, 8_000)).toEqual([endOf(justNow), ended()]);
  });

  it('leave a mark also where nobody needs them, so that not all is read again', async () => {
    await raise();
    await open.database.query(
      `UPDATE gophermart.session_ends SET at = clock_timestamp() - interval '2 hours'`,
    );
    const mark = expect.any(String);
    await expect(ends.after(undefined, 3_600)).resolves.toEqual({ ends: [], mark, isLast: true });
  });

  it('are removed beside later ones when nobody needs them any more', async () => {
    const old = Array.from({ length: 5 }, () => session(ann, NOW_S - 8_000));
    await logOut.execute(old);
    const fresh = [session(), session(), session()];
    for (const each of fresh) await logOut.execute([each]);
    const rows = await open.database.query<{ token: string }>(
      `SELECT encode(token, 'base64') AS token FROM gophermart.session_ends ORDER BY position`,
    );
    expect(rows.map(({ token }) => token)).toEqual(fresh.map(({ tokenHash }) => tokenHash));
  });

  it('raise a generation above all that a failover may have lost', async () => {
    const EPOCH_S = Date.parse('2020-01-01T00:00:00Z') / 1000;
    const generation = async (): Promise<number> => {
      const [row] = await open.database.query<{ generation: number }>(
        'SELECT generation FROM gophermart.users WHERE id = $1',
        [ann],
      );
      return row?.generation ?? 0;
    };
    expect(await generation()).toBe(0);
    const before = Math.floor(Date.now() / 1000) - EPOCH_S;
    await raise();
    const first = await generation();
    expect([first >= before, first <= Math.floor(Date.now() / 1000) - EPOCH_S]).toEqual([
      true,
      true,
    ]);
    for (let i = 1; i < 4; i++) {
      await raise();
      expect(await generation()).toBeGreaterThan(first + i - 1);
    }
    // As by a clock that was ahead, and was set back then.
    await open.database.query('UPDATE gophermart.users SET generation = 2e9 WHERE id = $1', [ann]);
    await raise();
    expect(await generation()).toBe(2e9 + 1);
    expect(await known()).toContainEqual({ userId: ann, generation: 2e9 + 1 });
  });

  it('begin anew where another row, or none, is where the last one was', async () => {
    await logOut.execute([session(), session()]);
    const page = await ends.after(undefined, DAY_S);
    await expect(ends.after('nonsense', DAY_S)).resolves.toBeUndefined();
    await open.database.query(
      `UPDATE gophermart.session_ends SET at = at + interval '1 microsecond'`,
    );
    await expect(ends.after(page?.mark, DAY_S)).resolves.toBeUndefined();
    await open.database.query('DELETE FROM gophermart.session_ends');
    await expect(ends.after(page?.mark, DAY_S)).resolves.toBeUndefined();
  });

  it('name a token or a generation, by the CHECKs', async () => {
    for (const [generation, token] of [
      ['1', `'\\x${'00'.repeat(32)}'`],
      ['NULL', 'NULL'],
      ['NULL', `'\\x00'`],
    ])
      await expect(
        open.database.query(
          `INSERT INTO gophermart.session_ends (user_id, generation, token, until)
           VALUES ($1, ${generation}, ${token}, now())`,
          [ann],
        ),
      ).rejects.toThrow('check constraint');
  });
});
