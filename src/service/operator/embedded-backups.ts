import { resolve } from 'node:path';
import { EndAllSessions } from '../../auth/index.js';
import type { Config } from '../../config/settings.js';
import { backUp, restore } from '../../embedded-postgres/index.js';
import { OperatorActions } from '../../journal/index.js';
import type { ExitCode } from '../../platform/cli/command-line.js';
import { migrate } from '../../platform/postgres/schema/migrate.js';
import type { BackUp, Restore } from './backup-command.js';
import { embeddedFolder } from './find-database.js';
import { asConfigured, withService } from './on-service-database.js';

const log = (line: string): void => console.error(line);

/** Lends to `use` what backs up the embedded database. */
export function lendBackUp(
  stopping: AbortSignal,
  use: (backUp: BackUp) => Promise<ExitCode>,
): Promise<ExitCode> {
  return asConfigured(undefined, stopping, (config) => {
    const folder = embeddedFolder(config);
    return use((file) => backUp({ folder, file: resolve(file), log, stopping }));
  });
}

/** Lends to `use` what restores the embedded database. */
export function lendRestore(
  stopping: AbortSignal,
  use: (restore: Restore) => Promise<ExitCode>,
): Promise<ExitCode> {
  return asConfigured(undefined, stopping, (config) => {
    const folder = embeddedFolder(config);
    return use(async ({ file, isReplacing, by }) => {
      const prepare = (uri: string): Promise<void> => beginAgain(config, uri, by, stopping);
      const options = { folder, file: resolve(file), isReplacing, log, stopping, prepare };
      const { manifest, ...restored } = await restore(options);
      return { ...manifest, ...restored };
    });
  });
}

/** Sessions that had ended since the backup would live again. */
async function beginAgain(
  config: Config,
  databaseUri: string,
  by: string,
  stopping: AbortSignal,
): Promise<void> {
  await migrate(databaseUri, { stopping, log });
  await withService(config, { databaseUri, queryDatabaseUri: '' }, async (service) => {
    const actions = service.get(OperatorActions, { strict: false });
    await service
      .get(EndAllSessions, { strict: false })
      .execute((transaction) => actions.record(transaction, [{ action: 'restore', by }]));
  });
}
