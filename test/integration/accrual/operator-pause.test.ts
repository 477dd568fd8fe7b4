import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  PauseAccrual,
  ResumeAccrual,
  UpdateGate,
} from '../../../src/cashback/application/update-gate.js';
import { SqlGateRepository } from '../../../src/cashback/infrastructure/sql-gate-repository.js';
import { openDatabase, type OpenDatabase } from '../../support/database/open-database.js';

describe(`${PauseAccrual.name} on a database`, () => {
  let open: OpenDatabase;
  let gates: SqlGateRepository;
  let updateGate: UpdateGate;

  beforeAll(async () => {
    open = await openDatabase();
    gates = new SqlGateRepository(open.unitOfWork);
    updateGate = new UpdateGate(open.unitOfWork, gates);
  });

  afterAll(() => open.close());

  it('stays until it is resumed, with all that is learnt meanwhile', async () => {
    const [before] = await open.database.query<{ ms: string }>(
      'SELECT extract(epoch FROM clock_timestamp()) * 1000 AS ms',
    );
    await expect(new PauseAccrual(updateGate).execute()).resolves.toBe(true);
    await updateGate.execute((gate) => gate.openBreaker());
    const gate = await gates.read();
    expect(gate).toMatchObject({
      isPausedByOperator: true,
      isWideOpen: false,
      isBreakerOpen: true,
    });
    const { pausedByOperatorSince = 0 } = gate.snapshot();
    expect(pausedByOperatorSince - Number(before?.ms)).toBeGreaterThan(-1);
    expect(pausedByOperatorSince - Number(before?.ms)).toBeLessThan(5_000);
    await expect(new PauseAccrual(updateGate).execute()).resolves.toBe(false);
    expect((await gates.read()).snapshot().pausedByOperatorSince).toBe(pausedByOperatorSince);
    await expect(new ResumeAccrual(updateGate).execute()).resolves.toBeGreaterThanOrEqual(0);
    expect(await gates.read()).toMatchObject({ isPausedByOperator: false, isBreakerOpen: true });
  });

  it('is made once when two operators pause at once', async () => {
    const pause = new PauseAccrual(updateGate);
    expect((await Promise.all([pause.execute(), pause.execute()])).sort()).toEqual([false, true]);
  });
});
