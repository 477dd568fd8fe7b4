import { Injectable } from '@nestjs/common';
import { GroupCommit } from '../../shared/application/group-commit.js';
import { type Withdrawal, WithdrawPoints } from './withdraw-points.js';

/**
 * Where single withdrawals wait for the commit they share: fifty on one account are one lock and
 * one commit.
 */
@Injectable()
export class WithdrawalCommits extends GroupCommit<Withdrawal, void> {
  constructor(withdrawPoints: WithdrawPoints) {
    super((withdrawals) => withdrawPoints.execute(withdrawals));
  }
}
