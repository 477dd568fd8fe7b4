import { reconcileCommand } from '../../reconciliation/index.js';
import { runOperatorCommand } from './run-operator-command.js';

await runOperatorCommand(reconcileCommand);
