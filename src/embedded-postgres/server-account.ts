import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';

/** Who the server runs as: PostgreSQL refuses to run as root. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
  /** What `spawn` needs: nothing where the server runs as this process does. */
  readonly spawn: { readonly uid?: number; readonly gid?: number };
}

/**
 * An ordinary user runs the server under his own account. Root runs it under the account that owns
 * the data already, or else as nobody: that account exists everywhere, so none has to be made.
 */
export function serverAccount(dataFolder: string): ServerAccount {
  const uid = process.getuid?.() ?? -1;
  const gid = process.getgid?.() ?? -1;
  if (uid !== 0) return { uid, gid, spawn: {} };
  const owner = statSync(dataFolder, { throwIfNoEntry: false });
  const [serverUid, serverGid] =
    owner && owner.uid !== 0 ? [owner.uid, owner.gid] : [idOfNobody('-u'), idOfNobody('-g')];
  // macOS's nobody is 4294967294 to stat and -2 to id and spawn.
  return {
    uid: serverUid >>> 0,
    gid: serverGid >>> 0,
    spawn: { uid: serverUid | 0, gid: serverGid | 0 },
  };
}

/** 65534 on most systems, 99 on older ones, -2 on macOS. */
function idOfNobody(which: '-u' | '-g'): number {
  try {
    return Number(
      execFileSync('id', [which, 'nobody'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    );
  } catch {
    // Images without coreutils have no `id`. The kernel's overflow id is the usual one of nobody.
    return 65_534;
  }
}

/**
 * All that PostgreSQL's programs see of the environment: a PGDATA or PGPORT of the user's own must
 * not reach them. With the C locale, which every system has, their messages are English. The
 * launcher reads them.
 */
export const SERVER_ENVIRONMENT: Readonly<Record<string, string>> = {
  LC_ALL: 'C',
  TZ: 'UTC',
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
};
