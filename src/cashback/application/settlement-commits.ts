import { Injectable } from '@nestjs/common';
import { GroupCommit } from '../../shared/application/group-commit.js';
import { type SettleResult, SettleTasks, type Settling } from './settle-tasks.js';

/** Where answers wait for the commit they share: settled as they arrive, in lists. */
@Injectable()
export class SettlementCommits extends GroupCommit<Settling, SettleResult> {
  constructor(settleTasks: SettleTasks) {
    super((settlings) => settleTasks.execute(settlings));
  }
}
