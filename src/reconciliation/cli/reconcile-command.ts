import { Injectable } from '@nestjs/common';
import {
  type CommandRunner,
  type ExitCode,
  type OperatorCommand,
  type Print,
  UsageProblems,
} from '../../platform/cli/operator-command.js';
import { readArguments } from '../../platform/cli/read-arguments.js';
import { Books, type Reconciliation } from '../application/ports.js';
import { countOf, ReconcileBooks } from '../application/reconcile-books.js';
import type { Difference } from '../domain/difference.js';

/** How a run is told, a line each. */
export interface Words {
  difference(difference: Difference): string;
  summary(reconciliation: Reconciliation): string;
}

/** For people, and for grep: the kind comes first. */
export const PLAIN_WORDS: Words = {
  difference: ({ kind, sentence }) => `${kind}: ${sentence}`,
  summary: (reconciliation) => {
    const { accounts, entries, orders, tasks, accrued, withdrawn, balances } =
      reconciliation.totals;
    return (
      `${verdict(reconciliation)} ${accounts} accounts, ${entries} entries, ${orders} orders, ${tasks} tasks; ` +
      `${accrued} accrued, ${withdrawn} withdrawn, ${balances} on the accounts; ${reconciliation.seconds} s`
    );
  },
};

/** For programs: an object a line. Sums stay text, which is exact. */
export const JSON_WORDS: Words = {
  difference: ({ kind, sentence, facts }) => JSON.stringify({ kind, sentence, ...facts }),
  summary: (reconciliation) =>
    JSON.stringify({
      agree: countOf(reconciliation) === 0,
      differences: countOf(reconciliation),
      kinds: Object.fromEntries(reconciliation.differences),
      ...reconciliation.totals,
      seconds: reconciliation.seconds,
    }),
};

function verdict(reconciliation: Reconciliation): string {
  const count = countOf(reconciliation);
  if (count === 0) return 'The books agree:';
  const kinds = [...reconciliation.differences].map(([kind, found]) => `${kind} ${found}`);
  return `${count} ${count === 1 ? 'difference' : 'differences'} (${kinds.join(', ')}) in`;
}

/** How the differences are said. */
export interface ReconcileWish {
  readonly json: boolean;
}

/**
 * Prints every difference as it is found: none is kept, so a ledger that is broken as a whole needs
 * no more memory than a sound one.
 */
@Injectable()
export class ReconcileRunner implements CommandRunner<ReconcileWish> {
  constructor(
    private readonly books: Books,
    private readonly reconcileBooks: ReconcileBooks,
  ) {}

  async run({ json }: ReconcileWish, print: Print, stopping: AbortSignal): Promise<ExitCode> {
    const words = json ? JSON_WORDS : PLAIN_WORDS;
    const reconciliation = await this.books.snapshot(stopping, (snapshot) =>
      this.reconcileBooks.execute(snapshot, (difference) => print(words.difference(difference))),
    );
    print(words.summary(reconciliation));
    return countOf(reconciliation) === 0 ? 0 : 1;
  }
}

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
