export { AccountModule } from './account.module.js';
export { ACCOUNT_ERRORS } from './http/account.api.js';
export { type AccountsToCredit, type Credit, CreditPoints } from './application/credit-points.js';
