export { ReconcileRunner } from './cli/reconcile-runner.js';
