import { reconcileCommand } from '../../reconciliation/cli/index.js';
import { runOperatorCommand } from './run-operator-command.js';

await runOperatorCommand(
  reconcileCommand,
  async () => (await import('../../reconciliation/index.js')).ReconcileRunner,
);
