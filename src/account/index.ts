export { AccountQueriesInSql } from './infrastructure/sql-account-queries.js';
export { effectOn } from './infrastructure/sql-account-repository.js';
export { ACCOUNT_ERRORS } from './http/account.errors.js';
export {
  AccountQueries,
  type Balance,
  type EntryLine,
  type WithdrawalLine,
} from './application/ports.js';
export type { EntryKind } from './domain/account.js';
export { type Corrected, CorrectionRefused, CorrectPoints } from './application/correct-points.js';
export { type AccountsToCredit, type Credit, CreditPoints } from './application/credit-points.js';
