import type { INestApplicationContext, Type } from '@nestjs/common';
import {
  type CommandLine,
  type ExitCode,
  UsageProblems,
  type Work,
} from '../../platform/cli/command-line.js';

const DONE = 0;
/** As getopt's programs end when they do not understand what they are told. */
const MISUSED = 2;
/** The shell's 128 + n. */
const STOPPED = { SIGINT: 130, SIGTERM: 143 } as const;

const EXIT_CODES = 'Exit codes: 0 done, 1 not done, or not all of it, 2 the command line is wrong.';

const HELP = `
The database is the service's: -d, DATABASE_URI or .env, else the embedded one in
DATA_FOLDER, whether the service runs or not.
${EXIT_CODES}`;

const HELP_OF_EMBEDDED = `
It is the embedded database, which keeps its data in DATA_FOLDER.
${EXIT_CODES}`;

/**
 * Runs a command as this process and ends it: with 0, with 1 when something was not done, with 2
 * when the command line is wrong. The command speaks on stdout, what goes wrong is said on stderr.
 *
 * @param define makes the command; it calls `run` with what it has read.
 * @param lend lends what does the command's work on the service's database.
 * @param help of that database; only the default has -d.
 */
async function run<Runner>(
  define: (run: (work: Work<Runner>) => Promise<void>) => CommandLine,
  lend: (
    uri: string | undefined,
    stopping: AbortSignal,
    use: (runner: Runner) => Promise<ExitCode>,
  ) => Promise<ExitCode>,
  help = HELP,
): Promise<never> {
  // `… list | head` closes our stdout before we are done: no reason to leave anything undone.
  process.stdout.on('error', () => undefined);
  const stopping = heedSignals();
  let exitCode: number = DONE;

  const command = define(async (work) => {
    const { d: uri } = command.opts<{ d?: string }>();
    const print = (line: string): void => console.log(line);
    exitCode = await lend(uri, stopping, (runner) => work(runner, print, stopping));
  }).addHelpText('after', help);
  if (help === HELP) command.option('-d [uri]', 'the database, when it is not the configured one');
  try {
    await command.run(process.argv.slice(3));
  } catch (error) {
    if (!(error instanceof UsageProblems)) throw error;
    console.error(`${error.message}\n${command.name()} --help says what it takes`);
    exitCode = MISUSED;
  }
  // What is printed into a pipe is written later; exit() would cut it off.
  await new Promise((written) => process.stdout.write('', written));
  process.exit(stopping.aborted ? STOPPED[stopping.reason as keyof typeof STOPPED] : exitCode);
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

/** A command whose work is done by a provider of the service. */
function runInService<Runner>(
  define: (run: (work: Work<Runner>) => Promise<void>) => CommandLine,
  loadRunner: () => Promise<Type<Runner>>,
  { seesReadModel = false } = {},
): Promise<never> {
  return run(define, async (uri, stopping, use) => {
    const { onServiceDatabase } = await import('./on-service-database.js');
    const work = async (service: INestApplicationContext): Promise<ExitCode> =>
      use(service.get(await loadRunner(), { strict: false }));
    return onServiceDatabase(uri, stopping, work, seesReadModel);
  });
}

/**
 * The operators' commands, by name. Nothing of the service is loaded before the command line is
 * known to be right: loading it takes a second, and `--help` should not.
 */
const COMMANDS: Readonly<Record<string, () => Promise<never>>> = {
  queue: async () =>
    runInService(
      (await import('../../cashback/cli/index.js')).queueCommand,
      async () => (await import('../../cashback/index.js')).QueueRunner,
    ),
  customer: async () =>
    runInService(
      (await import('../../customers/cli/index.js')).customerCommand,
      async () => (await import('../../customers/index.js')).CustomerRunner,
    ),
  journal: async () =>
    runInService(
      (await import('../../journal/cli/index.js')).journalCommand,
      async () => (await import('../../journal/index.js')).JournalRunner,
      { seesReadModel: true },
    ),
  reconcile: async () =>
    runInService(
      (await import('../../reconciliation/cli/index.js')).reconcileCommand,
      async () => (await import('../../reconciliation/index.js')).ReconcileRunner,
    ),
  migrate: async () =>
    run((await import('./migrate-command.js')).migrateCommand, async (uri, stopping, use) => {
      const { migrateReadModel, onDatabase } = await import('./on-service-database.js');
      const { locateDatabase } = await import('./find-database.js');
      const { migrate } = await import('../../platform/postgres/schema/migrate.js');
      const options = { stopping, log: (line: string) => console.error(line) };
      return onDatabase(uri, stopping, locateDatabase, (config, database) =>
        use(async () => [
          ...(await migrate(database.uri, options)),
          ...(await migrateReadModel(config, options)),
        ]),
      );
    }),
  backup: async () =>
    run(
      (await import('./backup-command.js')).backupCommand,
      async (_, stopping, use) => (await import('./embedded-backups.js')).lendBackUp(stopping, use),
      HELP_OF_EMBEDDED,
    ),
  restore: async () =>
    run(
      (await import('./backup-command.js')).restoreCommand,
      async (_, stopping, use) =>
        (await import('./embedded-backups.js')).lendRestore(stopping, use),
      HELP_OF_EMBEDDED,
    ),
};

// `npm run queue -- stats` is `node dist/src/service/operator/command.js queue stats`.
const [, , name = ''] = process.argv;
if (!Object.hasOwn(COMMANDS, name)) {
  console.error(`a command is missing: ${Object.keys(COMMANDS).join(', ')}`);
  process.exit(MISUSED);
}
await COMMANDS[name]?.();
