import 'reflect-metadata';
import { ConfigProblems, processSources } from '../../config/read-config.js';
import type { Config } from '../../config/settings.js';
import { EmbeddedPostgresFailed } from '../../embedded-postgres/index.js';
import { DatabaseUnavailable } from '../../kernel/application/persistence-errors.js';
import { type OperatorCommand, UsageProblems } from '../../platform/cli/operator-command.js';
import { CommandRefused, findDatabase } from './find-database.js';
import { readOperatorConfig, splitCommandLine } from './read-command-line.js';
import { withService } from './with-service.js';

const DONE = 0;
const FAILED = 1;
/** As getopt's programs end when they do not understand what they are told. */
const MISUSED = 2;
/** The shell's 128 + n. */
const STOPPED = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs a command as this process and ends it: with 0, with 1 when something was not done, with 2
 * when the command line is wrong. The command speaks on stdout, what goes wrong is said on stderr.
 */
export async function runOperatorCommand<Wish>(command: OperatorCommand<Wish>): Promise<never> {
  // `… list | head` closes our stdout before we are done: no reason to leave anything undone.
  process.stdout.on('error', () => undefined);
  const stopping = heedSignals();
  process.exitCode = await outcomeOf(command, stopping);
  // What is printed into a pipe is written later; exit() would cut it off.
  await new Promise((written) => process.stdout.write('', written));
  process.exit(
    stopping.aborted ? STOPPED[stopping.reason as keyof typeof STOPPED] : process.exitCode,
  );
}

async function outcomeOf<Wish>(
  command: OperatorCommand<Wish>,
  stopping: AbortSignal,
): Promise<number> {
  let logLevel: Config['process']['logLevel'] = 'info';
  try {
    const { configuration, command: argv } = splitCommandLine(process.argv.slice(2));
    if (argv.some((each) => each === '--help' || each === '-h')) {
      process.stdout.write(command.help);
      return DONE;
    }
    const wish = command.read(argv);
    const config = readOperatorConfig({ ...processSources(), argv: configuration });
    ({ logLevel } = config.process);
    return await onItsDatabase(command, wish, config, stopping);
  } catch (error) {
    if (stopping.aborted) return FAILED;
    if (error instanceof UsageProblems) {
      console.error(`${error.message}\nnpm run ${command.name} -- --help says what it takes`);
      return MISUSED;
    }
    console.error(sentence(error));
    if (logLevel === 'debug') console.error(error);
    return FAILED;
  }
}

async function onItsDatabase<Wish>(
  { runner }: OperatorCommand<Wish>,
  wish: Wish,
  config: Config,
  stopping: AbortSignal,
): Promise<number> {
  const database = await findDatabase(config, (line) => console.error(line));
  try {
    stopping.throwIfAborted();
    return await withService(config, database.uri, (service) =>
      service.get(runner, { strict: false }).run(wish, (line) => console.log(line), stopping),
    );
  } finally {
    await database.release();
  }
}

/**
 * A command takes a second, and a PostgreSQL that was started for it must not stay behind: a signal
 * waits for the end of what it came into.
 */
function heedSignals(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of Object.keys(STOPPED)) process.on(signal, () => stopping.abort(signal));
  return stopping.signal;
}

/** Their messages are sentences for an operator. */
const EXPECTED = [ConfigProblems, CommandRefused, EmbeddedPostgresFailed];

function sentence(error: unknown): string {
  if (EXPECTED.some((each) => error instanceof each)) return (error as Error).message;
  const message = error instanceof Error ? error.message : String(error);
  return error instanceof DatabaseUnavailable
    ? `the database went away: ${message}`
    : `this could not be done: ${message}`;
}
