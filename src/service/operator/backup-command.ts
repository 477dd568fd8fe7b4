import { moment, BY, givenBy, JSON_OPTION } from '../../platform/cli/operator.js';
import { CommandLine, type Given, type Print, type Work } from '../../platform/cli/command-line.js';

/** What a backup holds. */
interface Held {
  /** RFC 3339. */
  readonly madeAt: string;
  /** Of the database's files. */
  readonly bytes: number;
}

/** Writes a backup into a file. */
export type BackUp = (file: string) => Promise<Held>;

/** Who restores which backup. */
export interface RestoreRequest {
  readonly file: string;
  readonly isReplacing: boolean;
  readonly by: string;
}

/** What was restored, and what a database that was there is called now. */
export interface Restored extends Held {
  readonly folder: string;
  readonly replaced: string | undefined;
}

export type Restore = (request: RestoreRequest) => Promise<Restored>;

/** `npm run backup -- …`. Only what reads the command line is loaded with it. */
export function backupCommand(run: (work: Work<BackUp>) => Promise<void>): CommandLine {
  return new CommandLine('npm run backup --')
    .description(
      'Writes the whole embedded database into a file, while it works. The file holds what was ' +
        'committed when the command ended. Only its owner may read it: keep it as the database.',
    )
    .argument('[file]')
    .option(...JSON_OPTION)
    .does(
      (given) => ({ file: fileOf(given), isJson: given.flags.has('json') }),
      ({ file, isJson }) =>
        run(async (backUp, print) => {
          const { madeAt, bytes } = await backUp(file);
          if (isJson) print(JSON.stringify({ file, madeAt, bytes }));
          else
            print(`${file} holds the database as of now, ${megabytes(bytes)} before compression`);
          return 0;
        }),
    );
}

/** `npm run restore -- …`. */
export function restoreCommand(run: (work: Work<Restore>) => Promise<void>): CommandLine {
  return new CommandLine('npm run restore --')
    .description(
      'Puts a backup where the embedded database keeps its data. No service may be running. All ' +
        'sessions end. The signing key is not part of a backup: the next start makes a new one, ' +
        'unless JWT_SECRET is configured.',
    )
    .argument('[file]')
    .option('--replace', 'where there is a database already: it is kept under another name')
    .option(...BY)
    .option(...JSON_OPTION)
    .does(
      (given) => ({
        request: {
          file: fileOf(given),
          isReplacing: given.flags.has('replace'),
          by: givenBy(given),
        },
        isJson: given.flags.has('json'),
      }),
      ({ request, isJson }) =>
        run(async (restore, print) => {
          const restored = await restore(request);
          if (isJson) print(JSON.stringify({ ...restored, by: request.by }));
          else say(restored, request, print);
          return 0;
        }),
    );
}

function say(restored: Restored, { by }: RestoreRequest, print: Print): void {
  const { madeAt, bytes, folder, replaced } = restored;
  print(
    `the backup of ${moment(Date.parse(madeAt))}, ${megabytes(bytes)}, is in ${folder}; ` +
      `all sessions have ended, by ${by}`,
  );
  if (replaced !== undefined)
    print(`the database that was there is ${replaced}: remove it when nobody needs it`);
  print('npm run reconcile adds up its books; docs/backups.md says what else to do');
}

function fileOf({ operands, problems }: Given): string {
  const [file = ''] = operands;
  if (operands.length !== 1 || file === '') problems.push('one file must be named');
  return file;
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}
