import { Global, Module, type OnApplicationBootstrap } from '@nestjs/common';
import {
  JournalOverview,
  JournalReader,
  OperatorActions,
  SubscriptionRepository,
} from './application/ports.js';
import {
  ReplayEvents,
  ResumeSubscription,
  RetryParkedEvents,
} from './application/replay-events.js';
import { JournalRunner } from './cli/journal-runner.js';
import { SqlJournalOverview } from './infrastructure/sql-journal-overview.js';
import { SqlJournalReader } from './infrastructure/sql-journal-reader.js';
import { SqlOperatorActions } from './infrastructure/sql-operator-actions.js';
import { SqlSubscriptionRepository } from './infrastructure/sql-subscription-repository.js';

/** The journal, and what operators see of it and do with it. */
@Global()
@Module({
  providers: [
    JournalRunner,
    ReplayEvents,
    ResumeSubscription,
    RetryParkedEvents,
    { provide: JournalOverview, useClass: SqlJournalOverview },
    { provide: JournalReader, useClass: SqlJournalReader },
    { provide: OperatorActions, useClass: SqlOperatorActions },
    { provide: SubscriptionRepository, useClass: SqlSubscriptionRepository },
  ],
  exports: [OperatorActions, JournalOverview, JournalReader, SubscriptionRepository],
})
export class JournalModule implements OnApplicationBootstrap {
  constructor(private readonly reader: JournalReader) {}

  /**
   * The mark takes note of a restored dump, before the first event is written here. With the
   * database away there is nothing to write yet.
   */
  async onApplicationBootstrap(): Promise<void> {
    await this.reader.mark().catch(() => undefined);
  }
}
