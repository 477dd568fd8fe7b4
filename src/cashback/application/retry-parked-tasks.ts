import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../kernel/application/unit-of-work.js';
import { ParkedTasks, type PutBack, QueueOverview, type TaskLookup } from './ports.js';

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
  ) {}

  /** Resolves with what happened to each number, in the order given. */
  execute(numbers: readonly string[]): Promise<Retried[]> {
    return this.unitOfWork.run(async (transaction) => {
      const putBack = new Set(await this.parked.putBack(transaction, numbers));
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
  constructor(private readonly parked: ParkedTasks) {}

  /**
   * Puts each task back once, even if a worker parks it again meanwhile. Resolves with how many
   * there were.
   *
   * @param reason a part of the task's reason, in capital letters or small ones; absent: all tasks.
   */
  async execute(reason?: string): Promise<number> {
    let total = 0;
    let batch: PutBack = { count: 0 };
    do {
      batch = await this.parked.putBackNext({ after: batch.last, reason, limit: BATCH });
      total += batch.count;
    } while (batch.last !== undefined);
    return total;
  }
}
