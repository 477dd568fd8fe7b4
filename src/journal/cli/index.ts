export { journalCommand } from './journal-command.js';
