import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UpdateGate } from '../../../../src/cashback/application/update-gate.js';
import { SqlGateRepository } from '../../../../src/cashback/infrastructure/sql-gate-repository.js';
import { openDatabase, type OpenDatabase } from '../../../support/database/open-database.js';

describe(SqlGateRepository.name, () => {
  let open: OpenDatabase;
  let gates: SqlGateRepository;
  let updateGate: UpdateGate;

  beforeAll(async () => {
    open = await openDatabase();
    gates = new SqlGateRepository(open.unitOfWork);
    updateGate = new UpdateGate(open.unitOfWork, gates);
  });

  afterAll(() => open.close());

  it('is wide open at first', async () => {
    expect((await gates.read()).isWideOpen).toBe(true);
  });

  it('stores what was learnt, on the database’s clock', async () => {
    const [before] = await open.database.query<{ ms: string }>(
      'SELECT extract(epoch FROM clock_timestamp()) * 1000 AS ms',
    );
    await updateGate.execute((gate) => gate.pause(60_000, 1_200));
    const gate = await gates.read();
    const { pausedUntil = 0, ...state } = gate.snapshot();
    expect(pausedUntil - Number(before?.ms)).toBeGreaterThan(59_999);
    expect(pausedUntil - Number(before?.ms)).toBeLessThan(65_000);
    expect(state).toMatchObject({
      ratePerMinute: 1_080,
      rateChangedAt: pausedUntil,
      refilledAt: pausedUntil,
      permits: 0,
      breakerOpen: false,
    });
    expect(gate.waitMs).toBeGreaterThan(55_000);
    await updateGate.execute((each) => each.openBreaker());
    expect((await gates.read()).isBreakerOpen).toBe(true);
    await updateGate.execute((each) => each.answered());
    expect((await gates.read()).snapshot()).toMatchObject({
      breakerOpen: false,
      pausedUntil,
      ratePerMinute: 1_080,
    });
  });

  it('stores fractions of a permit', async () => {
    await open.database.query(
      `UPDATE gophermart.accrual_gate
       SET permits = 0.3, paused_until = NULL, refilled_at = clock_timestamp()`,
    );
    await updateGate.execute(() => undefined);
    expect((await gates.read()).snapshot().permits).toBe(0.3);
  });

  it('holds its lock until the transaction ends', async () => {
    await open.unitOfWork.run(async (transaction) => {
      await gates.lock(transaction);
      expect(
        await open.database.query('SELECT 1 FROM gophermart.accrual_gate FOR UPDATE SKIP LOCKED'),
      ).toEqual([]);
    });
  });

  it('counts permits for one claim after another', async () => {
    await open.database.query(
      `UPDATE gophermart.accrual_gate
       SET permits = 10, rate_per_minute = 6000, rate_changed_at = clock_timestamp(),
         refilled_at = clock_timestamp() + interval '1 hour'`,
    );
    const taken: number[] = [];
    const began = Date.now();
    await Promise.all(
      Array.from({ length: 8 }, () =>
        updateGate.execute((gate) => {
          const permits = gate.permits(3);
          gate.take(permits);
          taken.push(permits);
        }),
      ),
    );
    // One permit is added for each 10 ms that it took. Without the lock they would be 24.
    expect(taken.reduce((sum, each) => sum + each)).toBeLessThanOrEqual(
      10 + (Date.now() - began) / 10,
    );
    expect(taken.slice(0, 3)).toEqual([3, 3, 3]);
  });
});
