import { CommandLine, type Work } from '../../platform/cli/command-line.js';

/** Migrates the database. @returns the names of the migrations that ran. */
export type Migrate = () => Promise<readonly string[]>;

/**
 * `npm run migrate -- …`. Only what reads the command line is loaded with it.
 *
 * @param run does the work that was read.
 */
export function migrateCommand(run: (work: Work<Migrate>) => Promise<void>): CommandLine {
  return new CommandLine('npm run migrate --')
    .description(
      'Makes the schema of the database, or brings it up to date, as a start of the service ' +
        'does. It is for a service whose role may not: run it as the owner. ' +
        'Services may run meanwhile, and it is safe to run it twice.',
    )
    .does(
      () => async (migrate, print) => {
        const ran = await migrate();
        for (const name of ran) print(`ran ${name}`);
        if (ran.length === 0) print('The schema is up to date: there was nothing to do.');
        return 0;
      },
      run,
    );
}
