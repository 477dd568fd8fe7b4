import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AdjustGate } from '../../../src/cashback/application/adjust-gate.js';
import {
  HoldAsking,
  ResumeAsking,
} from '../../../src/cashback/application/operating/pause-accrual.js';
import { SqlGateRepository } from '../../../src/cashback/infrastructure/sql-gate-repository.js';
import { openDatabase, type OpenDatabase } from '../../support/database/open-database.js';

describe(`${HoldAsking.name} on a database`, () => {
  let open: OpenDatabase;
  let gates: SqlGateRepository;
  let adjust: AdjustGate;

  beforeAll(async () => {
    open = await openDatabase();
    gates = new SqlGateRepository(open.unitOfWork);
    adjust = new AdjustGate(open.unitOfWork, gates);
  });

  afterAll(() => open.close());

  it('is kept with all that is learnt meanwhile, until it is resumed', async () => {
    const [before] = await open.database.query<{ ms: string }>(
      'SELECT extract(epoch FROM clock_timestamp()) * 1000 AS ms',
    );
    await expect(new HoldAsking(adjust).execute()).resolves.toBe(true);
    await adjust.execute((gate) => gate.openBreaker());
    const gate = await gates.read();
    expect(gate).toMatchObject({ isHeld: true, isWideOpen: false, isBreakerOpen: true });
    const { heldSince = 0 } = gate.snapshot();
    expect(heldSince - Number(before?.ms)).toBeGreaterThan(-1);
    expect(heldSince - Number(before?.ms)).toBeLessThan(5_000);
    await expect(new HoldAsking(adjust).execute()).resolves.toBe(false);
    expect((await gates.read()).snapshot().heldSince).toBe(heldSince);
    await expect(new ResumeAsking(adjust).execute()).resolves.toBeGreaterThanOrEqual(0);
    expect(await gates.read()).toMatchObject({ isHeld: false, isBreakerOpen: true });
  });

  it('is made once by two operators at once', async () => {
    const hold = new HoldAsking(adjust);
    expect((await Promise.all([hold.execute(), hold.execute()])).sort()).toEqual([false, true]);
  });
});
