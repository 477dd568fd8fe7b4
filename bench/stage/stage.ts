import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { migrate } from '../../src/platform/postgres/migrate.js';
import { Replica } from '../../test/torture/support/replica.js';
import { type Accrual, startAccrual } from '../accrual/accrual.js';
import { type BooksSize, fill } from '../books/fill.js';
import { NumberRanges } from '../limit/order.js';
import { Prefixes } from '../load/order.js';
import { peakMegabytes } from '../measure/processes.js';
import { BenchDatabase, DATA } from './database.js';
import type { Options } from './options.js';

/**
 * Everybody's books, where a scenario asks for nothing else: 200 000 settled orders of 10 000
 * users.
 */
export const STANDARD: BooksSize = { users: 10_000, queued: 0 };

/**
 * The built service in production mode. The hourly reconciliation must not fall into a round: the
 * bench asks for it by itself, afterwards.
 */
const PRODUCTION = { NODE_ENV: 'production', RECONCILE_INTERVAL_MS: '0' };

/** What all scenarios stand on, and what must be put away when one ends. */
export class Stage {
  readonly prefixes = new Prefixes();
  readonly numbers = new NumberRanges();
  /** For tokens, scripts and logs of tools. */
  readonly folder = mkdtempSync(join(tmpdir(), 'gophermart-bench-'));
  readonly logFile = join(DATA, 'services.log');
  readonly #templates = new Set<string>();
  readonly #copies: string[] = [];
  #copied = 0;
  readonly #services: Replica[] = [];
  #problems = new Set<string>();
  #peakMegabytes = 0;

  private constructor(
    readonly options: Options,
    readonly stopping: AbortSignal,
    readonly database: BenchDatabase,
    readonly accrual: Accrual,
    private readonly tell: (line: string) => void,
  ) {}

  static async set(
    options: Options,
    stopping: AbortSignal,
    tell: (line: string) => void,
  ): Promise<Stage> {
    const database = await BenchDatabase.start();
    try {
      const accrual = await startAccrual(stopping);
      const stage = new Stage(options, stopping, database, accrual, tell);
      rmSync(stage.logFile, { force: true });
      return stage;
    } catch (error) {
      await database.stop();
      throw error;
    }
  }

  say(line: string): void {
    this.stopping.throwIfAborted();
    this.tell(line);
  }

  /**
   * Something that must not happen in a run whose figures are believed; the same one counts once.
   */
  report(...problems: readonly string[]): void {
    problems.forEach((problem) => this.#problems.add(problem));
  }

  /** A database with its own copy of such books; it goes with the scenario. */
  async books(size: BooksSize = STANDARD): Promise<string> {
    const template = `books_${size.users}_${size.queued}`;
    if (!this.#templates.has(template)) {
      this.say(`filling the books: ${size.users} users, ${size.queued} orders in the queue`);
      await this.database.create(template);
      await migrate(this.database.uri(template), this.stopping);
      await this.database.session(template, (query) => fill(query, size));
      this.#templates.add(template);
    }
    const copy = `copy_${++this.#copied}_of_${template}`;
    this.#copies.push(copy);
    await this.database.create(copy, template);
    return copy;
  }

  /** Starts the service on such a database; it stops with the scenario. */
  async service(
    database: string,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<Replica> {
    this.say('starting the service');
    const { profile } = this.options;
    const replica = await Replica.start({
      databaseUri: this.database.uri(database),
      accrualAddress: this.accrual.url,
      logFile: this.logFile,
      settings: { ...PRODUCTION, ...(profile !== undefined && profiled(profile)), ...settings },
    });
    this.#services.push(replica);
    return replica;
  }

  /** @returns what was reported since the last call, and the most memory that a service had. */
  async clear(): Promise<{ problems: string[]; peakMegabytes: number }> {
    await this.stopServices();
    for (const copy of this.#copies.splice(0)) await this.database.drop(copy);
    const [problems, peak] = [[...this.#problems], this.#peakMegabytes];
    this.#problems = new Set();
    this.#peakMegabytes = 0;
    return { problems, peakMegabytes: peak };
  }

  async stopServices(): Promise<void> {
    for (const service of this.#services.splice(0)) {
      if (service.pid !== undefined)
        this.#peakMegabytes = Math.max(this.#peakMegabytes, peakMegabytes(service.pid));
      const code = await service.end('SIGTERM');
      if (code !== 0 && !this.stopping.aborted)
        this.report(`a service ended with ${code ?? 'a signal'}, see ${this.logFile}`);
    }
  }

  async strike(): Promise<void> {
    await this.clear().catch(() => undefined);
    await this.accrual.stop();
    await this.database.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function profiled(folder: string): Record<string, string> {
  const program = pathToFileURL(join(import.meta.dirname, 'profile.mjs')).href;
  return { NODE_OPTIONS: `--import=${program}`, BENCH_PROFILE: resolve(folder) };
}
