import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { OperatorActionsLog } from '../../../src/journal/infrastructure/operator-actions-log.js';
import { SqlOperatorActions } from '../../../src/journal/infrastructure/sql-operator-actions.js';
import { openDatabase, type OpenDatabase } from '../../support/database/open-database.js';

describe(OperatorActionsLog.name, () => {
  const actions = new SqlOperatorActions();
  const lines: unknown[] = [];
  let open: OpenDatabase;
  let log: OperatorActionsLog;
  /** Of what the database has answered at once, in characters. */
  let longestAnswer = 0;

  beforeAll(async () => {
    Logger.overrideLogger({
      log: (_: string, line: unknown) => lines.push(line),
      warn: () => undefined,
      error: () => undefined,
    });
    open = await openDatabase();
    const query = open.unitOfWork.query.bind(open.unitOfWork);
    open.unitOfWork.query = async (...statement: Parameters<typeof query>) => {
      const answer = await query(...statement);
      longestAnswer = Math.max(longestAnswer, JSON.stringify(answer.rows).length);
      return answer as never;
    };
    log = new OperatorActionsLog(open.unitOfWork);
    await act('queue pause', 'zoe', ['before the start']);
    await log.look();
  });

  afterAll(async () => {
    await open.close();
    Logger.overrideLogger(false);
  });

  const act = (action: string, by: string, targets: readonly string[]): Promise<void> =>
    open.unitOfWork.run((transaction) => {
      actions.record(
        transaction,
        targets.map((target) => ({ action, by, target })),
      );
      return Promise.resolve();
    });

  const told = async (): Promise<unknown[]> => {
    await log.look();
    return lines.splice(0);
  };

  it('has a line for a command of thousands, by its end, and never holds them', async () => {
    const numbers = Array.from({ length: 200 }, (_, i) => String(i));
    for (let batch = 0; batch < 25; batch++) await act('queue retry', 'ann', numbers);
    await act('queue resume', 'bob', []);
    await act('customer block', 'bob', ['mallory']);
    await expect(told()).resolves.toEqual([]);
    await act('queue retry', 'ann', numbers);
    await expect(told()).resolves.toEqual([
      { action: 'customer block', by: 'bob', targets: ['mallory'] },
    ]);
    await expect(told()).resolves.toEqual([
      { action: 'queue retry', by: 'ann', targets: numbers.slice(0, 10), count: 5_200 },
    ]);
    await expect(told()).resolves.toEqual([]);
    expect(longestAnswer).toBeLessThan(5_000);
  });

  it('has what a transaction did that ends late, and the others once', async () => {
    await open.unitOfWork.run(async (transaction) => {
      actions.record(transaction, [{ action: 'customer adjust', by: 'ann', target: 'late' }]);
      await act('customer adjust', 'bob', ['early']);
      // It sends what was recorded, so the transaction has its id, and is older than the other.
      await log.look();
      await expect(told()).resolves.toEqual([
        { action: 'customer adjust', by: 'bob', targets: ['early'] },
      ]);
      await expect(told()).resolves.toEqual([]);
    });
    await expect(told()).resolves.toEqual([]);
    await expect(told()).resolves.toEqual([
      { action: 'customer adjust', by: 'ann', targets: ['late'] },
    ]);
  });

  it('leaves nothing unsaid when the process stops', async () => {
    await act('queue pause', 'ann', ['a']);
    await log.look();
    await log.beforeApplicationShutdown();
    expect(lines.splice(0)).toEqual([{ action: 'queue pause', by: 'ann', targets: ['a'] }]);
  });
});
