import { Injectable } from '@nestjs/common';
import { ParkedTasks, type PutBack } from '../ports/parked-tasks.js';

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
