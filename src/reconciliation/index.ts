export { ReconciliationModule } from './reconciliation.module.js';
export { ReconciliationSettings } from './reconciliation.settings.js';
export { ReconcileRunner } from './cli/reconcile-runner.js';
