import { queueCommand } from '../../cashback/cli/index.js';
import { runOperatorCommand } from './run-operator-command.js';

await runOperatorCommand(
  queueCommand,
  async () => (await import('../../cashback/index.js')).QueueRunner,
);
