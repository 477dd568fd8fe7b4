import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  PauseAccrual,
  ResumeAccrual,
  UpdateGate,
} from '../../../../src/cashback/application/update-gate.js';
import { SqlGateRepository } from '../../../../src/cashback/infrastructure/sql-gate-repository.js';
import { SqlOperatorActions } from '../../../../src/journal/infrastructure/sql-operator-actions.js';
import { journalOf, shortened } from '../../../support/database/journal.js';
import { openDatabase, type OpenDatabase } from '../../../support/database/open-database.js';

describe(`${PauseAccrual.name} on a database`, () => {
  let open: OpenDatabase;
  let gates: SqlGateRepository;
  let updateGate: UpdateGate;
  const actions = new SqlOperatorActions();

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
    await expect(new PauseAccrual(updateGate, actions).execute('ann')).resolves.toBe(true);
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
    await expect(new PauseAccrual(updateGate, actions).execute('ann')).resolves.toBe(false);
    expect((await gates.read()).snapshot().pausedByOperatorSince).toBe(pausedByOperatorSince);
    await expect(
      new ResumeAccrual(updateGate, actions).execute('bob'),
    ).resolves.toBeGreaterThanOrEqual(0);
    expect(await gates.read()).toMatchObject({ isPausedByOperator: false, isBreakerOpen: true });
    expect(shortened(await journalOf(open.database))).toEqual([
      ['operator_action', null, { action: 'queue pause', by: 'ann' }],
      ['operator_action', null, { action: 'queue resume', by: 'bob' }],
    ]);
  });

  it('is made once when two operators pause at once', async () => {
    const pause = new PauseAccrual(updateGate, actions);
    const before = (await journalOf(open.database)).length;
    expect((await Promise.all([pause.execute('ann'), pause.execute('bob')])).sort()).toEqual([
      false,
      true,
    ]);
    expect(await journalOf(open.database)).toHaveLength(before + 1);
  });
});
