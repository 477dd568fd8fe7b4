export { AccountModule } from './account.module.js';
export { CreditPoints, type Credit } from './application/credit-points.js';
