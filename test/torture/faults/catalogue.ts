import { writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { DatabaseServer } from '../../support/processes/database-server.js';
import type { Deployment } from '../support/deployment.js';
import type { SmallDisk } from './small-disk.js';

/** What the faults are done to. */
export interface Place {
  readonly deployment: Deployment;
  /** Undefined where this user may not mount one. */
  readonly disk: SmallDisk | undefined;
  /** How far the clock of one replica is off, in milliseconds. */
  readonly clockFile: string;
}

/** Resolves when what was broken works again. */
type End = () => Promise<void> | void;

/** Something that happens around the service while customers go on. */
export interface Fault {
  readonly name: string;
  readonly lastsMs: number;
  /** What is answered as ever meanwhile; the rest may be answered 503. */
  readonly serves: 'all' | 'reads' | 'nothing';
  /** Whether 503 must have been answered: a fault that nobody noticed has tested nothing. */
  readonly bites: boolean;
  /** @returns undefined where it cannot be done here. */
  begin(place: Place): Promise<End | undefined> | End | undefined;
}

const OUR_SESSIONS = `
  SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
  WHERE application_name = 'gophermart'`;

/** Of a session that waits until `end` is called, when it has done `first`. */
async function holding(database: DatabaseServer, ...first: string[]): Promise<End> {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  await new Promise<void>((begun, failed) => {
    database
      .session(undefined, async (query) => {
        for (const each of first) await query(each);
        begun();
        await ended;
      })
      .catch(failed);
  });
  return end;
}

/** So many at once: the service must not be faster. */
const AT_ONCE = 40;

/** Opens connections until the server has none left. */
async function takeAllConnections(database: DatabaseServer, taken: Client[]): Promise<void> {
  const take = async (): Promise<void> => {
    const client = new Client({ connectionString: database.uri() });
    client.on('error', () => undefined);
    await client.connect();
    taken.push(client);
  };
  for (let before = NaN; taken.length !== before;) {
    before = taken.length;
    await Promise.allSettled(Array.from({ length: AT_ONCE }, take));
  }
}

/** Does `work` again and again. */
function repeating(everyMs: number, work: () => Promise<unknown>): End {
  const over = new AbortController();
  const { signal } = over;
  const going = (async () => {
    while (!signal.aborted) {
      await work();
      await pause(everyMs, undefined, { signal }).catch(() => undefined);
    }
  })();
  return () => {
    over.abort();
    return going;
  };
}

/** In the order in which they are tried. */
export const FAULTS: readonly Fault[] = [
  {
    name: 'the way to the database falls silent',
    lastsMs: 8_000,
    serves: 'nothing',
    bites: true,
    begin({ deployment: { proxy } }) {
      proxy.fallSilent();
      return () => proxy.comeBack();
    },
  },
  {
    name: 'the database stands still',
    lastsMs: 16_000,
    serves: 'nothing',
    bites: true,
    begin({ deployment: { database } }) {
      database.signalAll('SIGSTOP');
      return () => database.signalAll('SIGCONT');
    },
  },
  {
    name: 'somebody locks the tables',
    lastsMs: 20_000,
    serves: 'nothing',
    bites: true,
    begin: ({ deployment: { database } }) =>
      holding(database, 'BEGIN', 'LOCK TABLE gophermart.orders, gophermart.accounts'),
  },
  {
    name: 'the database is read-only',
    lastsMs: 3_000,
    serves: 'reads',
    bites: true,
    async begin({ deployment: { database } }) {
      const set = (value: string): Promise<void> =>
        database.session(undefined, async (query) => {
          await query(`ALTER SYSTEM SET default_transaction_read_only = ${value}`);
          await query('SELECT pg_reload_conf()');
        });
      await set('on');
      return () => set('off');
    },
  },
  {
    name: 'the disk is full',
    lastsMs: 5_000,
    serves: 'reads',
    bites: true,
    begin({ disk }) {
      disk?.fill();
      return disk && (() => disk.makeRoom());
    },
  },
  {
    name: 'no connection is left',
    // Longer than anybody waits: on a busy machine it takes seconds to take them all.
    lastsMs: 8_000,
    serves: 'nothing',
    bites: true,
    async begin({ deployment: { database } }) {
      const admin = new Client({ connectionString: database.uri() });
      await admin.connect();
      const taken: Client[] = [];
      // The service gets some of its own back, fewer each time.
      const end = repeating(100, async () => {
        await takeAllConnections(database, taken);
        await admin.query(OUR_SESSIONS);
      });
      return async () => {
        await end();
        await Promise.all([admin, ...taken].map((each) => each.end()));
      };
    },
  },
  {
    name: 'sessions are ended in bursts',
    lastsMs: 4_000,
    serves: 'nothing',
    bites: false,
    begin: ({ deployment: { database } }) => repeating(150, () => database.query(OUR_SESSIONS)),
  },
  // Back first: clocks may differ by an hour, and a token of a clock that was ahead would then be
  // two hours ahead of one that is behind.
  ...[-3_600_000, 3_600_000].map((offset): Fault => ({
    name: `a replica’s clock is set ${offset > 0 ? 'forward' : 'back'} by an hour`,
    lastsMs: 3_000,
    serves: 'all',
    bites: false,
    begin({ clockFile }) {
      writeFileSync(clockFile, `${offset}`);
      return () => writeFileSync(clockFile, '0');
    },
  })),
];
