import type { OperatorCommand } from '../../platform/cli/operator-command.js';
import { QueueRunner } from './queue-runner.js';
import { LIMIT, type QueueWish, readQueueWish } from './queue-wish.js';

const HELP = `The queue of orders that wait for their points.

  npm run queue -- <command> [-d postgres://…]

  list      the tasks, oldest first
              --status FAILED|PENDING|PROCESSING|all   default FAILED: those that are parked, with their reasons
              --limit N                                default ${LIMIT.default}
              --json
  stats     how many tasks of which status, what is due, what the asking is held up by
              --json
  retry     put parked tasks back, their tries forgiven; a running service asks about them at once
              <order number> …
              --all                                    every parked task
              --all --reason TEXT                      those whose reason contains the text
  pause     no replica asks the accrual system until it is resumed; uploads and everything else go on
  resume    ask again

The database is the service's: -d, DATABASE_URI or .env, else the embedded one in DATA_FOLDER, whether the service runs or not.
Exit codes: 0 done, 1 not done, or not all of it, 2 the command line is wrong. For programs: npm run -s queue -- list --json
`;

/** `npm run queue -- …` */
export const queueCommand: OperatorCommand<QueueWish> = {
  name: 'queue',
  help: HELP,
  read: readQueueWish,
  runner: QueueRunner,
};
