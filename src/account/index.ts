export { AccountModule } from './account.module.js';
export { type AccountsToCredit, type Credit, CreditPoints } from './application/credit-points.js';
