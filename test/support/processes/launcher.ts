import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { Client } from 'pg';
import {
  EmbeddedService,
  type EmbeddedServiceOptions,
  installLauncher,
} from './embedded-service.js';

/**
 * The launcher of the embedded PostgreSQL, installed for a test file, with an empty folder for each
 * test.
 */
export interface Launcher {
  /** Every user can reach it. */
  readonly place: string;
  /** A service on `place`/postgres, without fsync, unless told otherwise. */
  start(
    options?: Partial<EmbeddedServiceOptions>,
    environment?: Record<string, string>,
  ): EmbeddedService;
  /** A data folder outside of `place`. */
  alsoRemove(folder: string): void;
}

export function useLauncher(): Launcher {
  let base = '';
  let place = '';
  let started: EmbeddedService[] = [];
  let folders: string[] = [];

  const start: Launcher['start'] = (options, environment) => {
    const defaults = {
      install: join(base, 'install'),
      folder: join(place, 'postgres'),
      settings: { fsync: 'off' },
    };
    const service = EmbeddedService.start({ ...defaults, ...options }, environment);
    started.push(service);
    return service;
  };

  beforeAll(() => {
    base = mkdtempSync(join(tmpdir(), 'gophermart-launcher-'));
    chmodSync(base, 0o755);
    installLauncher(join(base, 'install'));
  });

  beforeEach(() => {
    place = mkdtempSync(join(base, 'place-'));
    chmodSync(place, 0o755);
    started = [];
    folders = [join(place, 'postgres')];
  });

  afterEach(async () => {
    for (const service of started) await service.stop();
    // A service that was killed has left its database running: the next one on its folder stops it.
    for (const folder of folders.filter((each) =>
      existsSync(join(each, 'cluster/pgdata/postmaster.pid')),
    )) {
      const heir = start({ folder });
      await heir.outcome;
      await heir.stop();
    }
    for (const folder of [place, ...folders]) rmSync(folder, { recursive: true, force: true });
  });

  afterAll(() => rmSync(base, { recursive: true, force: true }));

  return {
    get place() {
      return place;
    },
    start,
    alsoRemove: (folder) => void folders.push(folder),
  };
}

/** The first column of the first row. */
export async function ask(uri: string, statement: string): Promise<unknown> {
  const client = new Client({ connectionString: uri });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(statement);
    return Object.values(rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

export function postmasterPid(folder: string): number {
  return Number(readFileSync(join(folder, 'cluster/pgdata/postmaster.pid'), 'utf8').split('\n')[0]);
}
