export { JournalModule } from './journal.module.js';
export { type OperatorAction, OperatorActions } from './application/ports.js';
export { JournalRunner } from './cli/journal-runner.js';
export { JournalSettings } from './journal.settings.js';
