import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findPostmaster, isServer, type RunningPostmaster } from './postmaster-pid.js';
import { SERVER_ENVIRONMENT, type ServerAccount } from './server-account.js';

/** Everything that one server is started with. */
export interface ServerPlan {
  readonly program: string;
  readonly pgdata: string;
  readonly logFile: string;
  readonly account: ServerAccount;
  readonly settings: Readonly<Record<string, string>>;
  /** How long its start may take, in milliseconds; absent: as long as one after a crash. */
  readonly readyWithinMs?: number;
}

/** The server ended before it was ready; `log` is what it wrote. */
export class ServerExited extends Error {
  constructor(readonly log: string) {
    super(`the server ended at once: ${log.slice(-2_000)}`);
  }
}

/** A start after a crash replays up to max_wal_size (1 GB) of log first. */
const READY_WITHIN_MS = 120_000;
/** A server that replays its log ends at once; it has no checkpoint to write. */
const GIVEN_UP_WITHIN_MS = 2_000;
const POLL_MS = 10;

/**
 * Starts a server in a session of its own, so that Ctrl-C reaches the service alone, which stops
 * the server when it has drained.
 *
 * @param stalePid The number in a left-over postmaster.pid. PostgreSQL refuses to start while a
 * process of that number is alive, unless it is told that this one is an ancestor of its own (as
 * pg_ctl does); it still looks for orphaned backends.
 * @throws ServerExited; AbortError, when it has shut the server down again.
 */
export async function launch(
  plan: ServerPlan,
  port: number,
  stalePid?: number,
  stopping?: AbortSignal,
): Promise<RunningPostmaster> {
  const log = openLog(plan.logFile);
  const child = spawn(plan.program, serverArguments(plan, port), {
    ...plan.account.spawn,
    cwd: join(plan.pgdata, '..'),
    env: {
      ...SERVER_ENVIRONMENT,
      ...(stalePid !== undefined && { PG_GRANDPARENT_PID: String(stalePid) }),
    },
    detached: true,
    stdio: ['ignore', log, log],
  });
  if (log !== 'ignore') closeSync(log);
  let ended: Error | undefined;
  child.once('error', (error) => (ended = error));
  child.once('exit', () => (ended ??= new ServerExited(readLog(plan.logFile))));
  child.unref();
  const deadline = performance.now() + (plan.readyWithinMs ?? READY_WITHIN_MS);
  for (;;) {
    await sleep(POLL_MS);
    if (ended) throw ended;
    const server = findPostmaster(plan.pgdata, plan.account.uid);
    if (server && 'status' in server && server.pid === child.pid && server.status === 'ready')
      return server;
    if (stopping?.aborted) {
      if (child.pid !== undefined) await shutDown(plan, child.pid, GIVEN_UP_WITHIN_MS);
      stopping.throwIfAborted();
    }
    if (performance.now() > deadline) {
      child.kill('SIGQUIT');
      throw new ServerExited(readLog(plan.logFile));
    }
  }
}

/**
 * Whether a running server was started as the plan says. A server that a test left behind may have
 * fsync turned off.
 */
export function isAsPlanned(plan: ServerPlan, { port }: RunningPostmaster): boolean {
  const wanted = [plan.program, ...serverArguments(plan, port).map((each) => `"${each}"`)].join(
    ' ',
  );
  try {
    return readFileSync(join(plan.pgdata, 'postmaster.opts'), 'utf8').trim() === wanted;
  } catch {
    return false;
  }
}

/**
 * PostgreSQL's fast shutdown: it ends all sessions and writes a checkpoint. Where that takes too
 * long, the immediate one: it loses nothing either, but the next start has to replay the log.
 */
export async function shutDown(
  { pgdata, account }: ServerPlan,
  pid: number,
  patienceMs: number,
): Promise<void> {
  const steps = [
    { signal: 'SIGINT', waitMs: patienceMs },
    { signal: 'SIGQUIT', waitMs: 1_000 },
    { signal: 'SIGKILL', waitMs: 1_000 },
  ] as const;
  for (const { signal, waitMs } of steps) {
    if (!isServer(pid, pgdata, account.uid)) return;
    process.kill(pid, signal);
    const deadline = performance.now() + waitMs;
    while (isServer(pid, pgdata, account.uid) && performance.now() < deadline) await sleep(POLL_MS);
  }
}

function serverArguments({ pgdata, settings }: ServerPlan, port: number): string[] {
  return [
    '-D',
    pgdata,
    '-p',
    String(port),
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}

/**
 * Empty where the file is gone. A server may end days after its start, and that must not throw in
 * the service.
 */
export function readLog(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/**
 * Messages quote the log, so it holds the lines of this server alone. The predecessor's log stays
 * beside it. Where there is no room for a log the server runs without.
 */
function openLog(file: string): number | 'ignore' {
  try {
    renameSync(file, `${file}.previous`);
  } catch {
    rmSync(file, { force: true });
  }
  try {
    return openSync(file, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    return 'ignore';
  }
}
