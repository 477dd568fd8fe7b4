import { Injectable } from '@nestjs/common';
import { type Credit, CreditPoints } from '../../account/index.js';
import { GroupCommit } from '../../kernel/application/group-commit.js';
import type { Outcome } from '../../kernel/application/outcome.js';
import { OneIsAtFault } from '../../kernel/application/persistence-errors.js';
import { inOrder, UnitOfWork } from '../../kernel/application/unit-of-work.js';
import { type SettledOrder, type Settlement, SettleOrders } from '../../orders/index.js';
import type { OrderVerdict, Verdict } from '../domain/task.js';
import { QueueRepository, type SettleResult } from './ports.js';

/**
 * A verdict on its way to the books; `entryId` is made once per answer, so that a repeated commit
 * stores one entry.
 */
export interface Settling {
  readonly verdict: Verdict;
  readonly entryId: string;
}

/** A verdict that brings points. */
type Award = Verdict & { readonly order: Extract<OrderVerdict, { status: 'PROCESSED' }> };

/**
 * Brings a list of verdicts into the books in one transaction: order moved, points credited, task
 * gone, or none of it.
 *
 * Locks are taken queue → orders → accounts, as everywhere.
 */
@Injectable()
export class SettleTasks {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly queue: QueueRepository,
    private readonly settleOrders: SettleOrders,
    private readonly creditPoints: CreditPoints,
  ) {}

  /** @throws CreditRefused for an award beyond the balance's limit: the caller halves the list. */
  execute(settlings: readonly Settling[]): Promise<Outcome<SettleResult>[]> {
    return this.unitOfWork.run(async (transaction) => {
      const verdicts = settlings.map(({ verdict }) => verdict);
      const [own, orders, accounts] = await inOrder(
        this.queue.lockOwn(transaction, verdicts),
        this.settleOrders.lock(
          transaction,
          verdicts.filter(movesItsOrder).map(({ orderId }) => orderId),
        ),
        this.creditPoints.lock(
          transaction,
          verdicts.filter(awardsPoints).map(({ userId }) => userId),
        ),
      );
      const moving = settlings.filter(({ verdict }) => own.has(verdict) && movesItsOrder(verdict));
      const moved = orders.settle(moving.map(settlementOf));
      const credits = moving.flatMap((settling, i) => creditFor(settling, moved[i]));
      throwIfRefused(accounts.credit(credits));
      this.queue.store(transaction, [...own]);
      return verdicts.map((verdict) => ({ value: own.has(verdict) ? 'settled' : 'too-late' }));
    });
  }
}

function movesItsOrder({ order }: Verdict): boolean {
  return order.status !== 'unchanged';
}

function awardsPoints(verdict: Verdict): verdict is Award {
  const { order } = verdict;
  return order.status === 'PROCESSED' && !order.accrual.isZero;
}

function settlementOf({ verdict: { orderId, order } }: Settling): Settlement {
  if (order.status === 'unchanged')
    throw new Error(`the verdict on order ${orderId} does not move it`);
  return { orderId, ...order };
}

/** Nothing to credit where nothing was awarded, or where the order had its final answer before. */
function creditFor(
  { verdict, entryId }: Settling,
  moved: Outcome<SettledOrder> | undefined,
): Credit[] {
  if (!awardsPoints(verdict) || !moved || 'broken' in moved) return [];
  const { userId, number } = moved.value;
  return [{ id: entryId, userId, orderNumber: number, sum: verdict.order.accrual }];
}

/** An account cannot take the award of one of the orders: its balance would pass the limit. */
export class CreditRefused extends OneIsAtFault {
  override readonly name = 'CreditRefused';
}

/**
 * An award that the account cannot take must not leave its order PROCESSED: the transaction is
 * given up.
 */
function throwIfRefused(credited: readonly Outcome<void>[]): void {
  for (const outcome of credited)
    if ('broken' in outcome) throw new CreditRefused(outcome.broken.message);
}

/** Where answers wait for the commit they share: settled as they arrive, in lists. */
@Injectable()
export class SettlementCommits extends GroupCommit<Settling, SettleResult> {
  constructor(settleTasks: SettleTasks) {
    super((settlings) => settleTasks.execute(settlings));
  }
}
