import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../shared/application/unit-of-work.js';
import { ParkedTasks } from '../ports/parked-tasks.js';
import { QueueOverview, type Whereabouts } from '../ports/queue-overview.js';

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
