import { Injectable } from '@nestjs/common';
import { GroupCommit } from '../../shared/application/group-commit.js';
import { UnitOfWork } from '../../shared/application/unit-of-work.js';
import { type SettleResult, SettleTasks, type Settling } from './settle-tasks.js';

/** Where answers wait for the commit they share: settled as they arrive, in lists. */
@Injectable()
export class SettlementCommits extends GroupCommit<Settling, SettleResult> {
  constructor(settleTasks: SettleTasks, unitOfWork: UnitOfWork) {
    super((settlings) => settleTasks.execute(settlings), unitOfWork);
  }
}
