import { CommandLine, type Work } from '../../platform/cli/command-line.js';
import type { ReconcileRunner } from './reconcile-runner.js';

/**
 * `npm run reconcile -- …`. Only what reads the command line is loaded with it.
 *
 * @param run does the work that was read.
 */
export function reconcileCommand(run: (work: Work<ReconcileRunner>) => Promise<void>): CommandLine {
  return new CommandLine('npm run reconcile --')
    .description(
      'Adds up the whole ledger again and compares it with balances, orders and tasks, ' +
        'in one snapshot, beside a running service, which does not have to wait. ' +
        'A standby will do as the database. Every difference is named on stdout. ' +
        'Exit code 0: the books agree; 1: they do not, or could not be read.',
    )
    .option('--json', 'a JSON object a line: every difference, and the summary last')
    .does(
      ({ flags }) =>
        (runner, print, stopping) =>
          runner.run(flags.has('json') ? 'json' : 'plain', print, stopping),
      run,
    );
}
