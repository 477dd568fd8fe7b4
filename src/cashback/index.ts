export { CashbackModule } from './cashback.module.js';
export { CashbackSettings } from './application/cashback-settings.js';
