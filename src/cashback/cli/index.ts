export { queueCommand } from './queue-command.js';
