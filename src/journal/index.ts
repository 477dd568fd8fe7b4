export {
  EventsParkedElsewhere,
  JournalReader,
  type OperatorAction,
  OperatorActions,
  type ParkedLine,
} from './application/ports.js';
export { Cursor, type Range } from './domain/cursor.js';
export { Mark } from './domain/mark.js';
export { bytesOfPlace, placeOf } from './domain/place.js';
export { QUERY_QUEUE, REACHED, type Reached } from './infrastructure/amqp-sinks.js';
export { IN_RANGE, rangeParameters } from './infrastructure/sql-journal-reader.js';
export { JournalRunner } from './cli/journal-runner.js';
