import { Injectable } from '@nestjs/common';
import { type Credit, CreditPoints } from '../../account/index.js';
import { GroupCommit, type Outcome } from '../../kernel/application/batches/group-commit.js';
import { BatchMetrics } from '../../kernel/application/batches/ports.js';
import { OneIsAtFault } from '../../kernel/application/persistence-errors.js';
import { inOrder, UnitOfWork } from '../../kernel/application/unit-of-work.js';
import { type SettledOrder, type Settlement, SettleOrders } from '../../orders/index.js';
import type { OrderResolution, Resolution } from '../domain/task.js';
import { QueueRepository, type ResolutionResult } from './ports.js';

/** A resolution to be stored. */
export interface SettlementCommand {
  readonly resolution: Resolution;
  /** The ledger entry's. Made once for a reply, so that a repeated commit stores one entry. */
  readonly entryId: string;
}

/** A command that changed its order. */
type OrderChange = SettlementCommand & { readonly order: SettledOrder };

/** A resolution that credits points. */
type Award = Resolution & { readonly order: Extract<OrderResolution, { status: 'PROCESSED' }> };

/**
 * Stores a batch of resolutions in one transaction: the order's status, its points, and what became
 * of its task, or none of it.
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

  /**
   * @throws CreditRefused when an account cannot take the points of one of the resolutions (its
   * balance would pass the limit): the caller halves the batch.
   */
  execute(commands: readonly SettlementCommand[]): Promise<Outcome<ResolutionResult>[]> {
    return this.unitOfWork.run(async (transaction) => {
      const resolutions = commands.map(({ resolution }) => resolution);
      const [own, orders, accounts] = await inOrder(
        this.queue.lockOwn(transaction, resolutions),
        this.settleOrders.lock(
          transaction,
          resolutions.filter(changesOrder).map(({ orderId }) => orderId),
        ),
        this.creditPoints.lock(
          transaction,
          resolutions.filter(awardsPoints).map(({ userId }) => userId),
        ),
      );
      const changing = commands.filter(
        ({ resolution }) => own.has(resolution) && changesOrder(resolution),
      );
      const moved = orders.settle(changing.map(settlementOf));
      const changed = changing.flatMap((command, i) => ifChanged(command, moved[i]));
      throwIfRefused(accounts.credit(changed.flatMap(creditOf)));
      this.queue.store(transaction, [...own]);
      const changes = new Set(changed.map(({ resolution }) => resolution));
      return resolutions.map((resolution) => ({
        value: own.has(resolution)
          ? resultOf(resolution, changes.has(resolution))
          : { kind: 'late' },
      }));
    });
  }
}

function changesOrder({ order }: Resolution): boolean {
  return order.status !== 'unchanged';
}

function awardsPoints(resolution: Resolution): resolution is Award {
  const { order } = resolution;
  return order.status === 'PROCESSED' && !order.accrual.isZero;
}

/** @param orderChanged unless it had its final status before. */
function resultOf({ order, task }: Resolution, orderChanged: boolean): ResolutionResult {
  if (task.status === 'FAILED') return { kind: 'parked' };
  if (orderChanged && order.status === 'PROCESSED')
    return { kind: 'processed', points: order.accrual };
  if (orderChanged && order.status === 'INVALID') return { kind: 'refused' };
  return { kind: 'unfinished' };
}

function settlementOf({ resolution: { orderId, order } }: SettlementCommand): Settlement {
  if (order.status === 'unchanged')
    throw new Error(`the resolution of order ${orderId} does not change it`);
  return { orderId, ...order };
}

/** Leaves out an order that had its final status before. */
function ifChanged(
  command: SettlementCommand,
  moved: Outcome<SettledOrder> | undefined,
): OrderChange[] {
  return moved && 'value' in moved ? [{ ...command, order: moved.value }] : [];
}

/** No credit where no points were awarded. */
function creditOf({ resolution, entryId, order }: OrderChange): Credit[] {
  const { userId, number, trace } = order;
  return awardsPoints(resolution)
    ? [{ id: entryId, userId, orderNumber: number, sum: resolution.order.accrual, trace }]
    : [];
}

/** An account cannot take the points of one of the orders: its balance would pass the limit. */
export class CreditRefused extends OneIsAtFault {
  override readonly name = 'CreditRefused';
}

/** When an account cannot take the points, its order must not be PROCESSED: nothing is stored. */
function throwIfRefused(credited: readonly Outcome<void>[]): void {
  for (const outcome of credited)
    if ('broken' in outcome) throw new CreditRefused(outcome.broken.message);
}

/** Gathers resolutions while earlier ones are being stored, and has them stored in one batch. */
@Injectable()
export class ResolutionCommits extends GroupCommit<SettlementCommand, ResolutionResult> {
  constructor(settleTasks: SettleTasks, metrics: BatchMetrics) {
    super((commands) => settleTasks.execute(commands), {}, metrics.of('settlements'));
  }
}
