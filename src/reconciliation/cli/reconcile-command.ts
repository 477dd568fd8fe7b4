import { type OperatorCommand, UsageProblems } from '../../shared/cli/operator-command.js';
import { readArguments } from '../../shared/cli/read-arguments.js';
import { ReconcileRunner, type ReconcileWish } from './reconcile-runner.js';

const HELP = `Adds up the whole ledger again and holds it against balances, orders and tasks: in one
snapshot, beside a running service, and nobody has to wait. Every difference is named on stdout.

  npm run reconcile [-- options]

Options:
  -d URI     the database, when it is not the configured one; a standby will do
  --json     a JSON object a line: every difference, and the summary last
  -h, --help this text

Exit code 0: the books agree. 1: they do not, or could not be read. 2: the command line is wrong.
`;

/** `npm run reconcile`. */
export const reconcileCommand: OperatorCommand<ReconcileWish> = {
  name: 'reconcile',
  help: HELP,
  read: (argv) => {
    const { options, positionals, problems } = readArguments(argv, { json: { type: 'boolean' } });
    problems.push(...positionals.map((each) => `"${each}" means nothing here`));
    if (problems.length > 0) throw new UsageProblems(problems);
    return { json: options.has('json') };
  },
  runner: ReconcileRunner,
};
