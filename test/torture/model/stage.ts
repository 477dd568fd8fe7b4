import { join } from 'node:path';
import { ScriptedAccrual } from '../../support/fakes/scripted-accrual.js';
import { Replica } from '../support/replica.js';
import { TortureDatabase } from '../support/torture-database.js';

/**
 * Orders are asked about often, leases are short and nobody is slowed down: a story waits for
 * nothing longer than it must.
 */
const SETTINGS = {
  LOGIN_RATE_LIMIT: '0',
  CASHBACK_TICK_MS: '20',
  CASHBACK_SPACING_MIN_MS: '10',
  CASHBACK_SPACING_MAX_MS: '100',
  CASHBACK_LEASE_MS: '1000',
  CASHBACK_TIMEOUT_MS: '500',
};

/**
 * What all stories are played on: two replicas, one database, an accrual system that says what it
 * is told.
 */
export class Stage {
  /** How often what was done, and with what result. */
  readonly #counts = new Map<string, Map<string | number, number>>();

  private constructor(
    private readonly database: TortureDatabase,
    readonly accrual: ScriptedAccrual,
    private readonly replicas: readonly Replica[],
  ) {}

  static async set(): Promise<Stage> {
    const [database, accrual] = await Promise.all([
      TortureDatabase.start(),
      ScriptedAccrual.start(),
    ]);
    const starting = await Promise.allSettled(
      ['one', 'two'].map((name) =>
        Replica.start({
          databaseUri: database.uri,
          accrualAddress: accrual.url,
          logFile: join(database.folder, `${name}.log`),
          settings: SETTINGS,
        }),
      ),
    );
    const replicas = starting.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const stage = new Stage(database, accrual, replicas);
    const failed = starting.find((each) => each.status === 'rejected');
    if (!failed) return stage;
    await stage.clear(true);
    throw failed.reason;
  }

  url(replica: number): string {
    return this.at(replica).url;
  }

  /** Ends replicas and starts them again. @returns their exit codes, null after a kill. */
  async restart(
    which: readonly number[],
    signal: 'SIGTERM' | 'SIGKILL',
  ): Promise<(number | null)[]> {
    return Promise.all(
      which.map(async (each) => {
        const code = await this.at(each).end(signal);
        await this.at(each).start();
        return code;
      }),
    );
  }

  count(what: string, result: string | number): void {
    const results = this.#counts.get(what) ?? new Map<string | number, number>();
    this.#counts.set(what, results.set(result, (results.get(result) ?? 0) + 1));
  }

  /** As in `upload: 200 × 12, 202 × 80`. */
  get counts(): Record<string, string> {
    const print = (results: Map<string | number, number>): string =>
      [...results]
        .sort()
        .map(([result, times]) => `${result} × ${times}`)
        .join(', ');
    return Object.fromEntries(
      [...this.#counts]
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([what, results]) => [what, print(results)]),
    );
  }

  /** Where logs are, for whoever looks into a failure. */
  get folder(): string {
    return this.database.folder;
  }

  /** @param keep the database and the logs, to be looked into. */
  async clear(keep: boolean): Promise<void> {
    await Promise.allSettled(this.replicas.map((replica) => replica.end('SIGTERM')));
    await this.accrual.stop();
    await this.database.stop(keep);
  }

  private at(replica: number): Replica {
    const found = this.replicas[replica % this.replicas.length];
    if (!found) throw new Error('there is no replica');
    return found;
  }
}
