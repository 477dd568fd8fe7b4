export { ReconciliationModule } from './reconciliation.module.js';
export { ReconciliationSettings } from './reconciliation.settings.js';
export { reconcileCommand } from './cli/reconcile-command.js';
