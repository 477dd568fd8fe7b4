export { CashbackModule } from './cashback.module.js';
export { CashbackSettings } from './cashback.settings.js';
export { queueCommand } from './cli/queue-command.js';
