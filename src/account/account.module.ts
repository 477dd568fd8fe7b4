import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/index.js';
import { AccountRepository, Statements } from './application/ports.js';
import { CreditPoints } from './application/credit-points.js';
import { OpenAccounts } from './application/open-accounts.js';
import { WithdrawalCommits, WithdrawPoints } from './application/withdraw-points.js';
import { AccountController } from './http/account.controller.js';
import { SqlAccountRepository } from './infrastructure/sql-account-repository.js';
import { SqlStatements } from './infrastructure/sql-statements.js';

@Module({
  imports: [AuthModule],
  controllers: [AccountController],
  providers: [
    WithdrawPoints,
    WithdrawalCommits,
    CreditPoints,
    OpenAccounts,
    { provide: AccountRepository, useClass: SqlAccountRepository },
    { provide: Statements, useClass: SqlStatements },
  ],
  exports: [CreditPoints],
})
export class AccountModule {}
