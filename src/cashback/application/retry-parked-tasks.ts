import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../kernel/application/unit-of-work.js';
import { ParkedTasks, type PutBack, QueueOverview, type Whereabouts } from './ports.js';

/**
 * What became of one number: put back, or where it is instead; absent where nobody has uploaded it.
 */
export interface Retried {
  readonly number: string;
  readonly whereabouts: Whereabouts | 'put back' | undefined;
}

/**
 * Puts the parked tasks of these orders back: their tries forgiven, due at once. Done twice, it
 * does nothing the second time.
 */
@Injectable()
export class RetryParkedTasks {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly parked: ParkedTasks,
    private readonly overview: QueueOverview,
  ) {}

  /** Says of each number, in the order given, what happened. */
  execute(numbers: readonly string[]): Promise<Retried[]> {
    return this.unitOfWork.run(async (transaction) => {
      const putBack = new Set(await this.parked.putBack(transaction, numbers));
      const left = numbers.filter((number) => !putBack.has(number));
      const others = await this.overview.find(transaction, left);
      return numbers.map((number) => ({
        number,
        whereabouts: putBack.has(number) ? 'put back' : others.get(number),
      }));
    });
  }
}

/**
 * A million rows in one statement would meet the time-out of 10 s, and hold their locks as long.
 */
const BATCH = 10_000;

/** Puts all parked tasks back, or those whose reason contains a text. */
@Injectable()
export class RetryAllParkedTasks {
  constructor(private readonly parked: ParkedTasks) {}

  /**
   * Each task once, though a worker may park it again meanwhile. Resolves with how many there were.
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
