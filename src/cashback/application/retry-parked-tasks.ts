import { Injectable } from '@nestjs/common';
import { type OperatorAction, OperatorActions } from '../../journal/index.js';
import { UnitOfWork } from '../../kernel/application/unit-of-work.js';
import {
  type ParkedOrder,
  type ParkedSelection,
  ParkedTasks,
  type PutBack,
  QueueOverview,
  type TaskLookup,
} from './ports.js';

/** What became of one number. */
export interface Retried {
  readonly number: string;
  /**
   * Its task was put back; or what is known of a number that had no parked task; undefined where
   * nobody has uploaded it.
   */
  readonly outcome: 'put back' | TaskLookup | undefined;
}

/**
 * Puts the parked tasks of these orders back: with no try spent, due at once. Parked are the tasks
 * that are FAILED: their tries are spent, and they wait for an operator. Done twice, it changes
 * nothing the second time.
 */
@Injectable()
export class RetryParkedTasks {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly parked: ParkedTasks,
    private readonly overview: QueueOverview,
    private readonly actions: OperatorActions,
  ) {}

  /** Resolves with what happened to each number, in the order given. */
  execute(numbers: readonly string[], by: string): Promise<Retried[]> {
    return this.unitOfWork.run(async (transaction) => {
      const orders = await this.parked.putBack(transaction, numbers);
      this.actions.record(transaction, retriedBy(by, orders));
      const putBack = new Set(orders.map(({ number }) => number));
      const left = numbers.filter((number) => !putBack.has(number));
      const others = await this.overview.find(transaction, left);
      return numbers.map((number) => ({
        number,
        outcome: putBack.has(number) ? 'put back' : others.get(number),
      }));
    });
  }
}

/**
 * Tasks put back by one statement. A million would take longer than the time-out of 10 s, and hold
 * their locks as long.
 */
const BATCH = 10_000;

/** Puts all parked tasks back, or those whose reason contains a text. */
@Injectable()
export class RetryAllParkedTasks {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly parked: ParkedTasks,
    private readonly actions: OperatorActions,
  ) {}

  /**
   * Puts each task back once, even if a worker parks it again meanwhile. Resolves with how many
   * there were.
   *
   * @param reason a part of the task's reason, in capital letters or small ones; absent: all tasks.
   */
  async execute(by: string, reason?: string): Promise<number> {
    let total = 0;
    let last: string | undefined;
    do {
      const batch = await this.putBackNext(by, { after: last, reason, limit: BATCH });
      total += batch.orders.length;
      last = batch.last;
    } while (last !== undefined);
    return total;
  }

  private putBackNext(by: string, selection: ParkedSelection): Promise<PutBack> {
    return this.unitOfWork.run(async (transaction) => {
      const batch = await this.parked.putBackNext(transaction, selection);
      this.actions.record(transaction, retriedBy(by, batch.orders));
      return batch;
    });
  }
}

function retriedBy(by: string, orders: readonly ParkedOrder[]): OperatorAction[] {
  return orders.map(({ number, userId }) => ({
    action: 'queue retry',
    by,
    target: number,
    userId,
  }));
}
