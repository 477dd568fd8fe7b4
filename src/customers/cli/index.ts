export { customerCommand } from './customer-command.js';
