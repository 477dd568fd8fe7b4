import { queueCommand } from '../../cashback/index.js';
import { runOperatorCommand } from './run-operator-command.js';

await runOperatorCommand(queueCommand);
