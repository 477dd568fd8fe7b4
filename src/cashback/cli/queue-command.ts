import {
  CommandLine,
  type ExitCode,
  type Given,
  type Print,
  type Work,
} from '../../platform/cli/command-line.js';
import { BY, givenBy, givenLimit, JSON_OPTION, LIMIT } from '../../platform/cli/operator.js';
import { TASK_STATUSES, type TaskStatus } from '../application/ports.js';
import type { QueueRunner } from './queue-runner.js';

/**
 * `npm run queue -- …`. Only what reads the command line is loaded with it.
 *
 * @param run does the work that was read.
 */
export function queueCommand(run: (work: Work<QueueRunner>) => Promise<void>): CommandLine {
  const queue = new CommandLine('npm run queue --')
    .usage('<command> [options]')
    .description('The queue of orders that wait for their points.')
    .addHelpText(
      'after',
      '\nThe options of a command: npm run queue -- list --help\n' +
        'For programs: npm run -s queue -- list --json',
    );
  queue
    .command('list')
    .summary('show tasks')
    .description(
      'Shows tasks, oldest first; without options those that are parked, with the reasons.',
    )
    .option('--status [status]', `${TASK_STATUSES.join(', ')} or all`, 'FAILED')
    .option(...LIMIT)
    .option(...JSON_OPTION)
    .does(readList, run);
  queue
    .command('stats')
    .summary('show how many tasks there are')
    .description(
      'Shows how many tasks there are of each status, how many are due, ' +
        'and what keeps requests from going out.',
    )
    .option(...JSON_OPTION)
    .does(
      ({ flags }) =>
        (runner, print) =>
          runner.stats(flags.has('json'), print),
      run,
    );
  queue
    .command('retry')
    .summary('put parked tasks back')
    .description(
      'Puts parked tasks back, with all their tries. A running service asks about them at once.',
    )
    .argument('[order number...]')
    .option('--all', 'every parked task, instead of order numbers')
    .option('--reason [text]', 'with --all: only tasks whose reason contains the text')
    .option(...BY)
    .does(readRetry, run);
  queue
    .command('pause')
    .summary('ask no more')
    .description(
      'No replica asks the accrual system until it is resumed. Uploads and everything else go on.',
    )
    .option(...BY)
    .does(
      readBy((runner, by, print) => runner.pause(by, print)),
      run,
    );
  queue
    .command('resume')
    .description('ask the accrual system again')
    .option(...BY)
    .does(
      readBy((runner, by, print) => runner.resume(by, print)),
      run,
    );
  return queue;
}

/** What takes nothing but who gives the command. */
function readBy(
  act: (runner: QueueRunner, by: string, print: Print) => Promise<ExitCode>,
): (given: Given) => Work<QueueRunner> {
  return (given) => {
    const by = givenBy(given);
    return (runner, print) => act(runner, by, print);
  };
}

function readList(given: Given): Work<QueueRunner> {
  const selection = {
    status: statusOf(given),
    limit: givenLimit(given),
    json: given.flags.has('json'),
  };
  return (runner, print) => runner.list(selection, print);
}

function readRetry(given: Given): Work<QueueRunner> {
  const {
    flags,
    values: { reason },
    operands,
    problems,
  } = given;
  const all = flags.has('all');
  if (all === operands.length > 0) problems.push('retry takes either order numbers or --all');
  if (reason !== undefined && !all) problems.push('--reason goes with --all');
  // An empty text is contained in every reason: a script whose variable is not set must not put
  // everything back.
  if (reason === '') problems.push('--reason needs a text');
  const numbers = [...new Set(operands)];
  const by = givenBy(given);
  return (runner, print) =>
    all ? runner.retryAll(reason, by, print) : runner.retry(numbers, by, print);
}

function statusOf({ values: { status: text = '' }, problems }: Given): TaskStatus | 'all' {
  const status = [...TASK_STATUSES, 'all' as const].find(
    (each) => each.toLowerCase() === text.toLowerCase(),
  );
  if (!status)
    problems.push(`--status must be one of ${TASK_STATUSES.join(', ')}, all, not "${text}"`);
  return status ?? 'all';
}
