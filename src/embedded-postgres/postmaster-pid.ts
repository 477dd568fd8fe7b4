import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export type PostmasterStatus = 'starting' | 'ready' | 'stopping';

/** What a server says about itself in its postmaster.pid. */
export interface RunningPostmaster {
  readonly pid: number;
  readonly port: number;
  readonly status: PostmasterStatus;
}

/** A killed server has left its file behind. No server is running. */
export interface StalePostmaster {
  readonly stalePid: number;
}

/** Looks for a live server of this data folder; undefined after a clean stop. */
export function findPostmaster(
  pgdata: string,
  uid: number,
): RunningPostmaster | StalePostmaster | undefined {
  const lines = read(join(pgdata, 'postmaster.pid'))?.split('\n');
  const pid = Number(lines?.[0]);
  if (!lines || !Number.isInteger(pid) || pid <= 1) return undefined;
  if (!isServer(pid, pgdata, uid)) return { stalePid: pid };
  const status = lines[7]?.trim();
  return {
    pid,
    port: Number(lines[3]),
    status: status === 'ready' || status === 'stopping' ? status : 'starting',
  };
}

/**
 * Whether this process is the server of this data folder. It is not enough that a process of this
 * number is alive. It may be another one by now (in a container that was started again it usually
 * is), or a dead server that nobody has reaped.
 */
export function isServer(pid: number, pgdata: string, uid: number): boolean {
  const proc = `/proc/${pid}`;
  if (process.platform === 'linux') {
    // The unprivileged account can write the file. It must not lead root to signal a process of
    // another account.
    return (
      statSync(proc, { throwIfNoEntry: false })?.uid === uid &&
      (read(join(proc, 'cmdline'))?.split('\0').includes(pgdata) ?? false)
    );
  }
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(
      ` ${pgdata} `,
    );
  } catch {
    return false;
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
