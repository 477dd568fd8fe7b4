import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Child, startChild } from '../test/support/processes/child.js';
import { DatabaseServer } from '../test/support/processes/database-server.js';
import { peakMegabytes } from '../test/support/processes/proc.js';
import { contradiction } from '../test/support/processes/operator-run.js';
import { ServiceProcess } from '../test/support/processes/service-process.js';
import type { RowCount } from './books/checks.js';
import { type BooksSize, fill, STANDARD } from './books/fill.js';
import { evenly, type SignedIn, signIn } from './books/users.js';
import { NumberRanges } from './limit/limit.js';
import { Prefixes } from './load/requests.js';

/** Not the system's temporary folder: where that is kept in memory, commits would cost nothing. */
export const DATA = join(import.meta.dirname, '../data/bench');

/** How often, and how long, something is measured. */
export interface Length {
  readonly rounds: number;
  readonly seconds: number;
  /** Before the first round; 0 where that was done already. */
  readonly warmUpSeconds: number;
}

export interface Options {
  /** Where a goal is a ratio to the limit. */
  readonly core: Length;
  /** Where the service is compared with itself. */
  readonly side: Length;
  /** While the broker is away. */
  readonly away: Length;
  /** That a long journal has more than a short one. */
  readonly events: number;
  /** Users in the largest books; 20 times as many settled orders, and as many in the queue. */
  readonly largeUsers: number;
  /** Orders of the user who has too many. */
  readonly longList: number;
  /** Where CPU profiles of the services go. */
  readonly profile?: string;
  /** Another Node, which runs the services. */
  readonly node?: string;
}

export const FULL: Options = {
  core: { rounds: 5, seconds: 3, warmUpSeconds: 2 },
  side: { rounds: 3, seconds: 2, warmUpSeconds: 1 },
  // A minute.
  away: { rounds: 6, seconds: 10, warmUpSeconds: 2 },
  events: 1_000_000,
  largeUsers: 50_000,
  longList: 100_000,
};

/** To see that everything works: the figures of rounds so short mean little. */
export const QUICK: Options = {
  core: { rounds: 2, seconds: 1, warmUpSeconds: 1 },
  side: { rounds: 1, seconds: 1, warmUpSeconds: 1 },
  away: { rounds: 1, seconds: 1, warmUpSeconds: 1 },
  events: 20_000,
  largeUsers: 5_000,
  longList: 20_000,
};

/** What takes hours otherwise: a broker that is away for ten minutes, ten million events. */
export const LONG: Options = {
  ...FULL,
  away: { ...FULL.away, rounds: 60 },
  events: 10_000_000,
};

/** The worker is off: uploads are measured without what becomes of them. */
export const WORKER_OFF = { CASHBACK_ENABLED: 'false' };

/** The hourly reconciliation must not fall into a round: the bench asks for it afterwards. */
const PRODUCTION = { NODE_ENV: 'production', RECONCILE_INTERVAL_MS: '0' };

/** The service on books of its own. */
export interface Started {
  readonly database: string;
  readonly service: ServiceProcess;
  /** All users of the books. */
  readonly users: SignedIn;
}

/** What all scenarios stand on: one PostgreSQL, the accrual system, books and services. */
export class Bench {
  readonly prefixes = new Prefixes();
  readonly numbers = new NumberRanges();
  /** For tokens, scripts and logs of tools. */
  readonly folder = mkdtempSync(join(tmpdir(), 'gophermart-bench-'));
  readonly #logFile = join(DATA, 'services.log');
  readonly #templates = new Set<string>();
  readonly #copies: string[] = [];
  #copied = 0;
  #services: ServiceProcess[] = [];
  #problems = new Set<string>();
  #peakMegabytes = 0;

  private constructor(
    readonly options: Options,
    readonly stopping: AbortSignal,
    readonly server: DatabaseServer,
    private readonly accrual: Child,
    private readonly accrualAddress: string,
    private readonly tell: (line: string) => void,
  ) {
    rmSync(this.#logFile, { force: true });
  }

  /** @throws Error where there is no PostgreSQL. */
  static async open(
    options: Options,
    stopping: AbortSignal,
    tell: (line: string) => void,
  ): Promise<Bench> {
    const server = await DatabaseServer.start(DATA);
    try {
      const accrual = await startChild(join(import.meta.dirname, 'accrual-main.ts'), {}, stopping);
      const { url } = await accrual.next<{ url: string }>();
      return new Bench(options, stopping, server, accrual, url, tell);
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  say(line: string): void {
    this.stopping.throwIfAborted();
    this.tell(line);
  }

  /** Something that must not happen in a run whose figures are believed; the same counts once. */
  report(...problems: readonly string[]): void {
    problems.forEach((problem) => this.#problems.add(problem));
  }

  /**
   * A database with its own copy of such books; it goes with the scenario.
   *
   * @param build the folder of another build, which migrates them.
   */
  async books(size: BooksSize = STANDARD, build?: string): Promise<string> {
    const template = `books_${size.users}_${size.queued}${build === undefined ? '' : '_of_other'}`;
    if (!this.#templates.has(template)) {
      this.say(`filling books with ${size.users} users and ${size.queued} orders in the queue`);
      await this.server.create(template);
      // A service migrates what it starts on.
      await this.stop(await this.service(template, WORKER_OFF, build));
      await this.server.session(template, (query) => fill(query, size));
      this.#templates.add(template);
    }
    const copy = `copy_${++this.#copied}_of_${template}`;
    this.#copies.push(copy);
    await this.server.create(copy, template);
    return copy;
  }

  /** Starts the service on such a database; it stops with the scenario. */
  async service(
    database: string,
    settings: Readonly<Record<string, string>> = {},
    build?: string,
  ): Promise<ServiceProcess> {
    this.say('starting the service');
    const { profile, node } = this.options;
    const service = await ServiceProcess.start({
      databaseUri: this.server.uri(database),
      accrualAddress: this.accrualAddress,
      logFile: this.#logFile,
      settings: { ...PRODUCTION, ...settings },
      build,
      node,
      flags: profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(profile)}`],
    });
    this.#services.push(service);
    return service;
  }

  /** The service on the standard books. */
  async start(settings?: Readonly<Record<string, string>>): Promise<Started> {
    const database = await this.books();
    const service = await this.service(database, settings);
    return { database, service, users: this.everybody() };
  }

  /** All users of the standard books. */
  everybody(): SignedIn {
    return signIn(evenly(STANDARD.users, STANDARD.users), this.folder);
  }

  /** Ends what was measured on a database: services stop, and what they have left is checked. */
  async finish(database: string, ...counts: readonly RowCount[]): Promise<void> {
    await this.stop();
    for (const count of counts) this.report(...(await count.problems()));
    this.say('reconciling');
    const problem = await contradiction(this.server.uri(database), this.stopping);
    if (problem !== undefined) this.report(problem);
  }

  /** Stops these services, or all. */
  async stop(...services: readonly ServiceProcess[]): Promise<void> {
    for (const service of services.length > 0 ? services : this.#services) {
      if (service.pid !== undefined)
        this.#peakMegabytes = Math.max(this.#peakMegabytes, peakMegabytes(service.pid));
      const code = await service.end('SIGTERM');
      if (code !== 0 && !this.stopping.aborted)
        this.report(`a service ended with ${code ?? 'a signal'}, see ${this.#logFile}`);
    }
    this.#services = this.#services.filter(({ pid }) => pid !== undefined);
  }

  /** @returns what was reported since the last call, and the most memory that a service had. */
  async clear(): Promise<{ problems: string[]; peakMegabytes: number }> {
    await this.stop();
    for (const copy of this.#copies.splice(0)) await this.server.drop(copy);
    const cleared = { problems: [...this.#problems], peakMegabytes: this.#peakMegabytes };
    this.#problems = new Set();
    this.#peakMegabytes = 0;
    return cleared;
  }

  async close(): Promise<void> {
    await this.clear().catch(() => undefined);
    await this.accrual.end();
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
