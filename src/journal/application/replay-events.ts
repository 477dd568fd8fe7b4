import { Injectable, Optional } from '@nestjs/common';
import { UnitOfWork } from '../../kernel/application/unit-of-work.js';
import {
  EventsParkedElsewhere,
  JournalOverview,
  OperatorActions,
  SubscriptionRepository,
} from './ports.js';

/** Where a replay begins: with the event at this position, or with the first since this moment. */
export type ReplayStart = { readonly position: bigint } | { readonly time: Date };

/** Has a subscription pass events on again. */
@Injectable()
export class ReplayEvents {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly overview: JournalOverview,
    private readonly subscriptions: SubscriptionRepository,
    private readonly actions: OperatorActions,
  ) {}

  /**
   * @returns the position with which it goes on: the one that was asked for, or an earlier one that
   * is due; undefined where there is no such subscription.
   */
  async execute(name: string, start: ReplayStart, by: string): Promise<bigint | undefined> {
    const position = 'time' in start ? await this.overview.firstSince(start.time) : start.position;
    return this.unitOfWork.run(async (transaction) => {
      const cursor = await this.subscriptions.lock(transaction, name);
      if (!cursor) return undefined;
      const rewound = cursor.rewind(position ?? cursor.until.top + 1n);
      this.subscriptions.restart(transaction, name, rewound);
      this.actions.record(transaction, [{ action: `journal replay ${name}`, by }]);
      return rewound.nextPosition;
    });
  }
}

/** Has parked events tried again. */
@Injectable()
export class RetryParkedEvents {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly subscriptions: SubscriptionRepository,
    private readonly actions: OperatorActions,
    @Optional() private readonly elsewhere?: EventsParkedElsewhere,
  ) {}

  /**
   * @param positions absent: all.
   * @returns the positions of those that were parked, and not put back yet.
   */
  async execute(positions: readonly string[] | undefined, by: string): Promise<readonly string[]> {
    const elsewhere = (await this.elsewhere?.putBack(positions)) ?? [];
    return this.unitOfWork.run(async (transaction) => {
      const here = await this.subscriptions.putBack(transaction, positions);
      const putBack = [...here, ...elsewhere];
      if (putBack.length > 0)
        this.actions.record(transaction, [{ action: 'journal dead retry', by }]);
      return putBack;
    });
  }
}

/** Has a subscription go on whose receiver wanted no more events. */
@Injectable()
export class ResumeSubscription {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly subscriptions: SubscriptionRepository,
    private readonly actions: OperatorActions,
  ) {}

  /** @returns how long it was stopped, in milliseconds; undefined where it was not. */
  async execute(name: string, by: string): Promise<number | undefined> {
    return this.unitOfWork.run(async (transaction) => {
      const ms = await this.subscriptions.resume(transaction, name);
      if (ms !== undefined)
        this.actions.record(transaction, [{ action: `journal resume ${name}`, by }]);
      return ms;
    });
  }
}
