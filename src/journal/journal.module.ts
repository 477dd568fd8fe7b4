import { Module } from '@nestjs/common';
import { JournalOverview, OperatorActions } from './application/ports.js';
import { JournalRunner } from './cli/journal-runner.js';
import { SqlJournalOverview } from './infrastructure/sql-journal-overview.js';
import { SqlOperatorActions } from './infrastructure/sql-operator-actions.js';

@Module({
  providers: [
    JournalRunner,
    { provide: JournalOverview, useClass: SqlJournalOverview },
    { provide: OperatorActions, useClass: SqlOperatorActions },
  ],
  exports: [OperatorActions],
})
export class JournalModule {}
