import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../kernel/application/unit-of-work.js';
import { pgOf } from '../../platform/postgres/pg-transaction.js';
import { type OperatorAction, OperatorActions } from '../application/ports.js';

@Injectable()
export class SqlOperatorActions extends OperatorActions {
  record(transaction: Transaction, actions: readonly OperatorAction[]): void {
    if (actions.length === 0) return;
    pgOf(transaction).sendWithNext(
      `INSERT INTO gophermart.events (type, subject, at, data)
       SELECT 'operator_action', user_id, (SELECT clock_timestamp()), data
       FROM UNNEST($1::uuid[], $2::text[]) AS a (user_id, data)`,
      [
        actions.map(({ userId }) => userId ?? null),
        actions.map((action) => JSON.stringify({ ...action, userId: undefined })),
      ],
    );
  }
}
