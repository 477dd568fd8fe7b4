import { Global, Module } from '@nestjs/common';
import { LiveJournal } from './application/ports.js';
import { SqlLiveJournal } from './infrastructure/sql-live-journal.js';

/** Reads the journal where it is kept. */
@Global()
@Module({
  providers: [{ provide: LiveJournal, useClass: SqlLiveJournal }],
  exports: [LiveJournal],
})
export class LiveTablesModule {}
