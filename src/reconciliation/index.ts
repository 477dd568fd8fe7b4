export { ReconciliationModule } from './reconciliation.module.js';
export { ReconciliationSettings } from './application/ports/reconciliation-settings.js';
export { reconcileCommand } from './cli/reconcile-command.js';
