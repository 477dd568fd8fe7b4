export { JournalModule, RelayModule } from './journal.module.js';
export {
  EventsParkedElsewhere,
  type OperatorAction,
  OperatorActions,
  type ParkedLine,
} from './application/ports.js';
export { QUERY_QUEUE, REACHED, type Reached } from './infrastructure/amqp-sinks.js';
export { JournalRunner } from './cli/journal-runner.js';
