import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ConnectionLost, DataRejected, StaleState } from '../../src/shared/application/persistence-errors.js';
import { TypeOrmUnitOfWork } from '../../src/shared/infrastructure/typeorm-unit-of-work.js';
import { openDatabase, type OpenDatabase } from '../support/open-database.js';

describe(TypeOrmUnitOfWork.name, () => {
  let open: OpenDatabase;
  let unitOfWork: TypeOrmUnitOfWork;

  beforeAll(async () => {
    open = await openDatabase();
    unitOfWork = open.unitOfWork;
    await open.database.query('CREATE TABLE public.notes (note text PRIMARY KEY)');
  });

  afterAll(() => open.close());

  beforeEach(() => open.database.query('TRUNCATE public.notes'));

  const write = (note: string): Promise<unknown> => unitOfWork.query('INSERT INTO public.notes VALUES ($1)', [note]);
  const notes = async (): Promise<string[]> =>
    (await open.database.query<{ note: string }>('SELECT note FROM public.notes ORDER BY note')).map(({ note }) => note);

  it('commits, and only then resolves', async () => {
    const result = await unitOfWork.run(async () => {
      await write('a');
      expect(await notes()).toEqual([]);
      return 42;
    });
    expect(result).toBe(42);
    expect(await notes()).toEqual(['a']);
  });

  it('knows whether it is open', async () => {
    expect(unitOfWork.isOpen).toBe(false);
    expect(await unitOfWork.run(() => Promise.resolve(unitOfWork.isOpen))).toBe(true);
    expect(unitOfWork.isOpen).toBe(false);
  });

  it('joins the transaction that is open', async () => {
    const ids = await unitOfWork.run(async () => {
      const id = async (): Promise<unknown> => (await unitOfWork.query('SELECT pg_current_xact_id()::text AS id', [])).records[0];
      return [await id(), await unitOfWork.run(id)];
    });
    expect(ids[0]).toEqual(ids[1]);
  });

  it('keeps transactions that run at once apart', async () => {
    const outcomes = await Promise.allSettled(
      ['a', 'b', 'c'].map((note) =>
        unitOfWork.run(async () => {
          await write(note);
          if (note === 'b') throw new Error('b fails');
        }),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await notes()).toEqual(['a', 'c']);
  });

  it('rolls back what fails, however deep, and says why', async () => {
    const failing = unitOfWork.run(async () => {
      await write('a');
      await unitOfWork.run(async () => {
        await write('b');
        throw new TypeError('a mistake');
      });
    });
    await expect(failing).rejects.toThrow(new TypeError('a mistake'));
    expect(await notes()).toEqual([]);
  });

  it('calls back after the commit, and forgets it with a rollback', async () => {
    const called: string[] = [];
    await unitOfWork.run(async () => {
      await write('a');
      unitOfWork.afterCommit(() => called.push('committed'));
      expect(called).toEqual([]);
    });
    expect(called).toEqual(['committed']);
    await expect(
      unitOfWork.run(() => {
        unitOfWork.afterCommit(() => called.push('rolled back'));
        return Promise.reject(new Error('fails'));
      }),
    ).rejects.toThrow('fails');
    expect(called).toEqual(['committed']);
    expect(() => unitOfWork.afterCommit(() => undefined)).toThrow('no transaction');
  });

  it('takes no swallowed SQL error for success', async () => {
    let called = false;
    const swallowing = unitOfWork.run(async () => {
      await write('a');
      unitOfWork.afterCommit(() => (called = true));
      await unitOfWork.query('SELECT 1 / 0', []).catch(() => undefined);
    });
    await expect(swallowing).rejects.toThrow('COMMIT was answered with ROLLBACK');
    expect(called).toBe(false);
    expect(await notes()).toEqual([]);
  });

  it('says in the kernel’s words that the database refused', async () => {
    await write('a');
    await expect(write('a')).rejects.toThrow(DataRejected);
    await expect(unitOfWork.run(() => write('a'))).rejects.toThrow(DataRejected);
    await expect(unitOfWork.query('SELECT nonsense', [])).rejects.not.toThrow(DataRejected);
  });

  it.each(['40001', '40P01'])('runs again after %s, three times at most', async (code) => {
    let runs = 0;
    const conflict = `DO $$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '${code}'; END $$`;
    await unitOfWork.run(async () => {
      await write(`try ${++runs}`);
      if (runs < 3) await unitOfWork.query(conflict, []);
    });
    expect(await notes()).toEqual(['try 3']);
    runs = 0;
    const hopeless = unitOfWork.run(() => {
      runs++;
      return unitOfWork.query(conflict, []);
    });
    await expect(hopeless).rejects.toMatchObject({ driverError: { code } });
    expect(runs).toBe(3);
  });

  it('runs again from fresh state, three times at most', async () => {
    let runs = 0;
    const stale = unitOfWork.run(() => {
      runs++;
      return Promise.reject(new StaleState('changed'));
    });
    await expect(stale).rejects.toThrow(StaleState);
    expect(runs).toBe(3);
  });

  it('calls back once for work that ran twice', async () => {
    let runs = 0;
    const called: number[] = [];
    await unitOfWork.run(() => {
      const run = ++runs;
      unitOfWork.afterCommit(() => called.push(run));
      return run === 1 ? Promise.reject(new StaleState('changed')) : Promise.resolve();
    });
    expect(called).toEqual([2]);
  });

  it('runs again when its session is ended in the middle', async () => {
    let runs = 0;
    await unitOfWork.run(async () => {
      await write(`try ${++runs}`);
      if (runs > 1) return;
      const { records } = await unitOfWork.query('SELECT pg_backend_pid() AS pid', []);
      await open.database.query('SELECT pg_terminate_backend($1, 5000)', [(records as { pid: number }[])[0]?.pid]);
      await write('never');
    });
    expect(runs).toBe(2);
    expect(await notes()).toEqual(['try 2']);
  });

  it('gives up when its session is ended every time, and recovers', async () => {
    let runs = 0;
    const hopeless = unitOfWork.run(async () => {
      runs++;
      await unitOfWork.query('SELECT pg_terminate_backend(pg_backend_pid())', []);
    });
    await expect(hopeless).rejects.toThrow(ConnectionLost);
    expect(runs).toBe(3);
    await unitOfWork.run(() => write('a'));
    expect(await notes()).toEqual(['a']);
  });

  it('leaves no connection behind, whatever happened on it', async () => {
    await Promise.allSettled(
      Array.from({ length: 60 }, (_, i) =>
        unitOfWork.run(async () => {
          await write(`${i}`);
          if (i % 3 === 0) throw new Error('fails');
          if (i % 3 === 1) await unitOfWork.query('SELECT 1 / 0', []);
        }),
      ),
    );
    expect(await notes()).toHaveLength(20);
    const idle = await open.database.query(
      `SELECT state FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'gophermart' AND state LIKE 'idle in transaction%'`,
    );
    expect(idle).toEqual([]);
  });
});
