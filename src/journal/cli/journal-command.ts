import { CommandLine, type Work } from '../../platform/cli/command-line.js';
import type { JournalRunner } from './journal-runner.js';

/**
 * `npm run journal -- …`. Only what reads the command line is loaded with it.
 *
 * @param run does the work that was read.
 */
export function journalCommand(run: (work: Work<JournalRunner>) => Promise<void>): CommandLine {
  const journal = new CommandLine('npm run journal --')
    .usage('<command> [options]')
    .description('The journal: every change of users, orders and accounts is an event of it.')
    .addHelpText('after', '\nFor programs: npm run -s journal -- stats --json');
  journal
    .command('stats')
    .description('Shows how many events there are of each type, and how large the journal is.')
    .option('--json', 'for programs: one JSON object')
    .does(
      ({ flags }) =>
        (runner, print) =>
          runner.stats(flags.has('json'), print),
      run,
    );
  return journal;
}
