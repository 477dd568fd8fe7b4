import { readMoment } from '../../kernel/domain/time/moment.js';
import { CommandLine, type Given, type Work } from '../../platform/cli/command-line.js';
import { BY, givenBy, givenLimit, JSON_OPTION, LIMIT } from '../../platform/cli/operator.js';
import type { JournalRunner } from './journal-runner.js';

type Run = (work: Work<JournalRunner>) => Promise<void>;

/**
 * `npm run journal -- …`. Only what reads the command line is loaded with it.
 *
 * @param run does the work that was read.
 */
export function journalCommand(run: Run): CommandLine {
  const journal = new CommandLine('npm run journal --')
    .usage('<command> [options]')
    .description('The journal: every change of users, orders and accounts is an event of it.')
    .addHelpText('after', '\nFor programs: npm run -s journal -- stats --json');
  journal
    .command('stats')
    .description(
      'Shows how many events there are of each type, how large the journal is, and how far its ' +
        'subscriptions have got.',
    )
    .option(...JSON_OPTION)
    .does(
      ({ flags }) =>
        (runner, print) =>
          runner.stats(flags.has('json'), print),
      run,
    );
  journal
    .command('replay')
    .summary('pass events on again')
    .description(
      'Has a subscription pass older events on again, then go on. Whoever gets them has most of ' +
        'them already: the last revision of an order or an account counts.',
    )
    .argument('[subscription]')
    .option('--from [position or time]', 'the event to begin with, or an RFC 3339 time', '1')
    .option(...BY)
    .does(readReplay, run);
  journal
    .command('resume')
    .summary('let a subscription go on that is stopped')
    .description(
      'Has a subscription go on whose receiver has said that it wants no more events (410). It ' +
        'goes on where it stopped, within seconds.',
    )
    .argument('[subscription]')
    .option(...BY)
    .option(...JSON_OPTION)
    .does(readResume, run);
  addDead(journal, run);
  return journal;
}

function addDead(journal: CommandLine, run: Run): void {
  const dead = journal
    .command('dead')
    .usage('<command> [options]')
    .summary('events that could not be passed on')
    .description('Events that were refused again and again. They are parked, and others go on.');
  dead
    .command('list')
    .description('Shows them, oldest first.')
    .option(...LIMIT)
    .option(...JSON_OPTION)
    .does(readDeadList, run);
  dead
    .command('retry')
    .description('Has them passed on once more, behind what was passed on meanwhile.')
    .argument('[position...]')
    .option('--all', 'all of them, instead of positions')
    .option(...BY)
    .does(readDeadRetry, run);
}

function readReplay(given: Given): Work<JournalRunner> {
  const {
    values: { from = '' },
    problems,
  } = given;
  const name = subscriptionOf(given, 'replay');
  const by = givenBy(given);
  const isPosition = /^[1-9]\d{0,17}$/.test(from);
  const time = timeOf(from);
  if (!isPosition && !time)
    problems.push(
      `--from must be a position or a time such as 2026-11-29T08:00:00Z, not "${from}"`,
    );
  const start = time ? { time } : { position: BigInt(isPosition ? from : 1) };
  return (runner, print) => runner.replay(name, start, by, print);
}

function readResume(given: Given): Work<JournalRunner> {
  const name = subscriptionOf(given, 'resume');
  const by = givenBy(given);
  return (runner, print) => runner.resume(name, by, given.flags.has('json'), print);
}

function subscriptionOf({ operands, problems }: Given, command: string): string {
  const [name = '', ...others] = operands;
  if (name === '') problems.push('a subscription is missing');
  problems.push(...others.map((each) => `"${each}" does not go with ${command}`));
  return name;
}

function readDeadList(given: Given): Work<JournalRunner> {
  const limit = givenLimit(given);
  return (runner, print) => runner.deadList(limit, given.flags.has('json'), print);
}

function readDeadRetry(given: Given): Work<JournalRunner> {
  const { flags, operands, problems } = given;
  const all = flags.has('all');
  if (all === operands.length > 0) problems.push('retry takes either positions or --all');
  for (const each of operands)
    if (!/^[1-9]\d{0,17}$/.test(each)) problems.push(`"${each}" is no position of an event`);
  const by = givenBy(given);
  const positions = all ? undefined : [...new Set(operands)];
  return (runner, print) => runner.deadRetry(positions, by, print);
}

/** An RFC 3339 time, or a day in UTC; undefined for anything else. */
function timeOf(text: string): Date | undefined {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  const time = readMoment(isDay ? `${text}T00:00:00Z` : text);
  return time && new Date(time.floorMs);
}
