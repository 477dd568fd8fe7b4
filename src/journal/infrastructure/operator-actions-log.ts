import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';

const EVERY_MS = 1_000;

/** One line names no more targets than this: `queue retry --all` may have put back a million. */
const NAMED_AT_MOST = 10;

/** Transactions of one statement. `queue retry --all` has 10 000 actions in each of its own. */
const SLICE = 10;

/** What one transaction has of a command. */
interface Part {
  readonly xid: string;
  readonly action: string;
  readonly by: string;
  readonly count: number;
  /** The first of them. */
  readonly targets: readonly string[] | null;
}

interface Slice {
  /** All transactions below it have ended when the statement began. */
  readonly ended: string;
  readonly parts: readonly Part[];
}

/**
 * The next transactions with actions, but $2, that the statement before may not have seen, before
 * which those below $1 had ended; null: there was none. Events with ids that are not given out yet
 * came with a dump. It goes from transaction to transaction by the index, and counts in the
 * database.
 */
const NEXT = `
  WITH RECURSIVE s AS (
    SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xmin,
      pg_snapshot_xmax(pg_current_snapshot()) AS xmax
  ),
  t AS (
    (
      SELECT e.xid FROM gophermart.events e, s
      WHERE e.type = 'operator_action' AND e.xid >= coalesce($1::xid8, s.xmin)
      ORDER BY e.xid LIMIT 1
    )
    UNION ALL
    SELECT next.xid FROM t CROSS JOIN LATERAL (
      SELECT e.xid FROM gophermart.events e
      WHERE e.type = 'operator_action' AND e.xid > t.xid ORDER BY e.xid LIMIT 1
    ) AS next
  ),
  parts AS (
    SELECT t.xid, a.data->>'action' AS action, a.data->>'by' AS by,
      count(a.data->>'target')::integer AS count,
      (array_agg(a.data->>'target' ORDER BY a.position)
        FILTER (WHERE a.data->>'target' IS NOT NULL))[1:${NAMED_AT_MOST}] AS targets
    FROM (
      SELECT t.xid FROM t, s WHERE t.xid < s.xmax AND t.xid <> ALL ($2::xid8[])
      ORDER BY t.xid LIMIT ${SLICE}
    ) AS t
    CROSS JOIN LATERAL (
      SELECT position, data::json FROM gophermart.events e
      WHERE e.type = 'operator_action' AND e.xid = t.xid
    ) AS a
    GROUP BY 1, 2, 3
    ORDER BY 1, min(a.position)
  )
  SELECT s.xmin AS ended, (SELECT coalesce(json_agg(parts), '[]') FROM parts) AS parts FROM s`;

interface Command {
  readonly action: string;
  readonly by: string;
  count: number;
  readonly targets: string[];
}

/**
 * Puts into the log of the service what operators do by commands, which are processes of their own:
 * a line for each command, when nothing more has come of it for a second. Actions from before the
 * start are not logged.
 */
@Injectable()
export class OperatorActionsLog implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger('operators');
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #ended: string | undefined;
  /** Transactions that were read, and that the next statement would find again. */
  #read: readonly string[] = [];
  /** What is not logged yet, by what it is and whose. */
  readonly #commands = new Map<string, Command>();

  constructor(private readonly database: PgUnitOfWork) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.look();
    this.#timer = setInterval(() => void (this.#looking ??= this.look()), EVERY_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    this.#log([...this.#commands.keys()]);
  }

  /** Never rejects: what was not seen is found by the next look. */
  async look(): Promise<void> {
    const quiet = new Set(this.#commands.keys());
    const isFirst = this.#ended === undefined;
    try {
      for (let slice = await this.#next(); slice; slice = await this.#next()) {
        this.#read = [...this.#read, ...new Set(slice.parts.map(({ xid }) => xid))];
        if (!isFirst) for (const part of slice.parts) quiet.delete(this.#add(part));
      }
      this.#log(quiet);
    } catch {
      // The database is away, of which others speak.
    } finally {
      this.#looking = undefined;
    }
  }

  /** @returns undefined when there is nothing more. */
  async #next(): Promise<Slice | undefined> {
    const since = [this.#ended ?? null, this.#read];
    const [slice] = (await this.database.query<Slice>(NEXT, since)).rows;
    if (!slice || slice.parts.length > 0) return slice;
    this.#ended = slice.ended;
    this.#read = this.#read.filter((xid) => BigInt(xid) >= BigInt(slice.ended));
    return undefined;
  }

  /** @returns which command it is of. */
  #add({ action, by, count, targets }: Part): string {
    const key = JSON.stringify([action, by]);
    const command = this.#commands.get(key) ?? { action, by, count: 0, targets: [] };
    command.count += count;
    command.targets.push(...(targets ?? []).slice(0, NAMED_AT_MOST - command.targets.length));
    this.#commands.set(key, command);
    return key;
  }

  /** Not the note, which is for operators alone: more people read logs. */
  #log(keys: Iterable<string>): void {
    for (const key of keys) {
      const command = this.#commands.get(key);
      this.#commands.delete(key);
      if (!command) continue;
      const { action, by, count, targets } = command;
      this.#logger.log('an operator’s command', {
        action,
        by,
        ...(count > 0 && { targets }),
        ...(count > NAMED_AT_MOST && { count }),
      });
    }
  }
}
