export { AccountModule } from './account.module.js';
export { ACCOUNT_ERRORS } from './http/account.api.js';
export { CreditPoints, type Credit } from './application/credit-points.js';
