import type { CommandLine, Given, Work } from '../../platform/cli/command-line.js';
import { BY, givenBy, JSON_OPTION, textOf } from '../../platform/cli/operator.js';
import type { AccessRequest, AccessRunner } from './access-runner.js';
import { customerOf, ID, LONGEST_TEXT, NOTE, REASON } from './customer-arguments.js';
import type { CustomerRunner } from './customer-runner.js';

interface AccessCommand {
  readonly name: string;
  readonly method: keyof AccessRunner;
  readonly summary: string;
  readonly description: string;
  readonly needsReason?: boolean;
}

const COMMANDS: readonly AccessCommand[] = [
  {
    name: 'block',
    method: 'block',
    summary: 'keep a customer out',
    description:
      'Ends all sessions and refuses log-ins, within 2 s on all replicas, and withdrawals at ' +
      'once. Points are still earned.',
    needsReason: true,
  },
  {
    name: 'unblock',
    method: 'unblock',
    summary: 'let a customer in again',
    description: 'The customer signs in again; sessions that have ended stay ended.',
    needsReason: true,
  },
  {
    name: 'end-sessions',
    method: 'endSessions',
    summary: 'end all sessions of a customer',
    description: 'Tokens are refused within 2 s on all replicas. The password stays.',
  },
  {
    name: 'reset-password',
    method: 'resetPassword',
    summary: 'give a customer a new password',
    description: 'Prints a new password, once, and ends all sessions.',
  },
  {
    name: 'forget',
    method: 'forget',
    summary: 'erase a person, and keep the books',
    description:
      'Erases login and password and ends all sessions; nothing brings them back. The login is ' +
      'free for anybody; orders and entries stay with the id.',
  },
];

/** The commands that change who may sign in. */
export function addAccess(
  customer: CommandLine,
  run: (work: Work<CustomerRunner>) => Promise<void>,
): void {
  for (const command of COMMANDS)
    customer
      .command(command.name)
      .summary(command.summary)
      .description(command.description)
      .argument('[login]')
      .option(...ID)
      .option(...REASON)
      .option(...NOTE)
      .option(...BY)
      .option(...JSON_OPTION)
      .does((given) => readChange(given, command), run);
}

function readChange(
  given: Given,
  { name: command, method, needsReason }: AccessCommand,
): Work<CustomerRunner> {
  const { name } = customerOf(given, command);
  const reason = textOf('reason', given, LONGEST_TEXT);
  const change: AccessRequest = {
    name,
    by: givenBy(given),
    reason,
    note: textOf('note', given, LONGEST_TEXT),
    json: given.flags.has('json'),
  };
  if (needsReason && given.values['reason'] === undefined)
    given.problems.push('--reason is missing');
  return (runner, print) => runner.access[method](change, print);
}
