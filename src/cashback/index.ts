export { CashbackModule } from './cashback.module.js';
export { CashbackSettings } from './cashback.settings.js';
export { QueueRunner } from './cli/queue-runner.js';
