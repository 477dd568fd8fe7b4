import { randomInt } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { EmbeddedPostgresFailed } from './data-area.js';
import { findPostmaster, type RunningPostmaster } from './postmaster-pid.js';
import {
  isAsPlanned,
  launch,
  readLog,
  ServerExited,
  type ServerPlan,
  shutDown,
} from './postmaster.js';

/**
 * Failures of a start that pass by themselves: after a kill the last backends need a moment to end,
 * or somebody took the port meanwhile.
 */
const PASSING =
  /pre-existing shared memory block|lock file "postmaster.pid" already exists|could not create any TCP\/IP sockets/;
const PASSING_WITHIN_MS = 10_000;
const ANSWERS_WITHIN_MS = 5_000;
const POLL_MS = 50;

export interface ServerOptions {
  readonly plan: ServerPlan;
  readonly version: string;
  readonly folder: string;
  readonly uri: (port: number) => string;
  readonly log: (line: string) => void;
  /** Is told what is waited for next. */
  readonly waitFor: (what: () => string) => void;
  readonly stopping: AbortSignal | undefined;
}

/**
 * A server that answers: the one that an earlier service left running when it was killed, or a new
 * one. Call it under the service lock only.
 *
 * @throws EmbeddedPostgresFailed
 */
export async function provideServer(options: ServerOptions): Promise<RunningPostmaster> {
  return (await adopt(options)) ?? (await start(options));
}

async function adopt({
  plan,
  version,
  uri,
  log,
  waitFor,
  stopping,
}: ServerOptions): Promise<RunningPostmaster | undefined> {
  const deadline = performance.now() + PASSING_WITHIN_MS;
  for (;;) {
    const server = findPostmaster(plan.pgdata, plan.account.uid);
    if (!server || 'stalePid' in server) return undefined;
    waitFor(
      () =>
        `the PostgreSQL that an earlier run left behind (process ${server.pid}): ` +
        `it is ${server.status}`,
    );
    if (server.status === 'ready' || performance.now() > deadline) {
      const flaw = isAsPlanned(plan, server)
        ? await flawOf(uri(server.port), version)
        : 'it was started with other settings';
      if (flaw === undefined) {
        log(`the PostgreSQL that an earlier run left behind (process ${server.pid}) is taken over`);
        return server;
      }
      log(
        `the PostgreSQL that an earlier run left behind (process ${server.pid}) is restarted: ` +
          flaw,
      );
      await shutDown(plan, server.pid, PASSING_WITHIN_MS);
      return undefined;
    }
    await sleep(POLL_MS, undefined, { signal: stopping });
  }
}

async function start({
  plan,
  version,
  folder,
  uri,
  waitFor,
  stopping,
}: ServerOptions): Promise<RunningPostmaster> {
  waitFor(() => {
    const [lastLine = ''] = readLog(plan.logFile).trim().split('\n').slice(-1);
    return `the embedded PostgreSQL; its log ends with: ${lastLine || '(nothing)'}`;
  });
  const portFile = join(folder, 'port');
  const deadline = performance.now() + PASSING_WITHIN_MS;
  for (;;) {
    const left = findPostmaster(plan.pgdata, plan.account.uid);
    const port = await choosePort(portFile);
    try {
      const server = await launch(
        plan,
        port,
        left && 'stalePid' in left ? left.stalePid : undefined,
        stopping,
      );
      const flaw = await flawOf(uri(server.port), version);
      if (flaw !== undefined) {
        await shutDown(plan, server.pid, ANSWERS_WITHIN_MS);
        throw new EmbeddedPostgresFailed(
          `the embedded PostgreSQL started but is of no use: ${flaw}`,
        );
      }
      keepPort(portFile, port);
      return server;
    } catch (error) {
      if (!(error instanceof ServerExited)) throw error;
      if (!PASSING.test(error.log) || performance.now() > deadline) {
        throw new EmbeddedPostgresFailed(
          `the embedded PostgreSQL does not start; its log, ${plan.logFile}, ends with\n` +
            (tail(error.log) || '(nothing)'),
        );
      }
      await sleep(POLL_MS, undefined, { signal: stopping });
    }
  }
}

/**
 * Why a running server cannot be used. After an `npm ci` a server of the old version may still be
 * running.
 *
 * @returns undefined where it can.
 */
async function flawOf(uri: string, version: string): Promise<string | undefined> {
  const deadline = performance.now() + ANSWERS_WITHIN_MS;
  for (;;) {
    const client = new Client({
      connectionString: uri,
      connectionTimeoutMillis: 2_000,
      query_timeout: 2_000,
    });
    // A connection that is lost between two statements is an event, which without a listener would
    // end the process.
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
      const running = rows[0]?.server_version ?? '';
      return running.startsWith(version) ? undefined : `its version is ${running}, not ${version}`;
    } catch (error) {
      if (performance.now() > deadline) return (error as Error).message;
      await sleep(POLL_MS);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

function tail(log: string): string {
  return log.trim().split('\n').slice(-12).join('\n');
}

/**
 * The port of the last start if it is free, so that a client's saved settings keep working, else
 * any free one; first one below those that the system gives out by itself, for it could give it to
 * somebody else before the server listens.
 */
export async function choosePort(file: string): Promise<number> {
  for (const port of [readPort(file) ?? 0, randomInt(10_000, 32_000)])
    if (port > 0 && (await listenOnce(port)) > 0) return port;
  return listenOnce(0);
}

export function keepPort(file: string, port: number): void {
  // Replaced, not overwritten: root may have written it in a folder of this user's.
  rmSync(file, { force: true });
  writeFileSync(file, `${port}\n`);
}

function readPort(file: string): number | undefined {
  try {
    const port = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
  } catch {
    return undefined;
  }
}

/** The port that can be listened on; 0 where it is taken. */
function listenOnce(port: number): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(0));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
