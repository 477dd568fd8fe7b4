import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { TcpProxy } from '../../support/http/tcp-proxy.js';
import { Replica } from '../support/replica.js';
import { TortureDatabase } from '../support/torture-database.js';
import { LyingAccrual } from './accrual/lying-accrual.js';
import type { AccrualTruth } from './accrual/truth.js';
import type { Findings } from './findings.js';

const REPLICAS = 3;

/** The contract's: exit 0 within 10 s. */
const STOPS_WITHIN_MS = 10_000;
const WATCH_EVERY_MS = 200;

/**
 * Times in milliseconds, all far below the defaults: a pause of some seconds must outlive a lease,
 * and a backlog must be gone within the run.
 */
const SETTINGS = {
  CASHBACK_LEASE_MS: '3000',
  CASHBACK_TIMEOUT_MS: '1000',
  CASHBACK_SPACING_MIN_MS: '100',
  CASHBACK_SPACING_MAX_MS: '1000',
  // Numbers that fail more often are parked, and put back by the operator.
  CASHBACK_MAX_TRIES: '4',
};

/** A replica, and whether a disturbance is at work on it. */
export interface Player {
  readonly name: string;
  readonly replica: Replica;
  isDisturbed: boolean;
}

/**
 * The service as it runs in production: replicas, their database behind a proxy, and an accrual
 * system that cannot be trusted.
 */
export class Stage {
  readonly players: Player[] = [];
  #isStopping = false;
  #watch: NodeJS.Timeout | undefined;

  private constructor(
    readonly database: TortureDatabase,
    readonly proxy: TcpProxy,
    readonly accrual: LyingAccrual,
    private readonly findings: Findings,
    private readonly stopping: AbortSignal,
  ) {}

  /**
   * Without replicas yet.
   *
   * @param stopping aborted when the user stops the run: a terminal's Ctrl-C reaches the replicas
   * too, and their end proves nothing then.
   */
  static async setUp(
    truth: AccrualTruth,
    findings: Findings,
    stopping: AbortSignal,
  ): Promise<Stage> {
    const database = await TortureDatabase.start();
    const proxy = await TcpProxy.start(database.uri);
    return new Stage(
      database,
      proxy,
      await LyingAccrual.start(truth, findings),
      findings,
      stopping,
    );
  }

  /** One after another: the first one migrates. */
  async startReplicas(): Promise<void> {
    for (let i = 1; i <= REPLICAS; i++) await this.#addReplica(`replica ${i}`);
    this.#watch = setInterval(() => this.#watchPlayers(), WATCH_EVERY_MS);
  }

  get urls(): string[] {
    return this.players.map(({ replica }) => replica.url);
  }

  /** Where the logs and the database are. */
  get folder(): string {
    return this.database.folder;
  }

  /** Asks the database itself, by its own way: the proxy may be down. */
  async query<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = new Client({ connectionString: this.database.uri, query_timeout: 30_000 });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  /**
   * Starts a replica that is down, as a supervisor would: again, when its start fell into a
   * disturbance of the database.
   */
  async bringUp({ name, replica }: Player): Promise<void> {
    for (let attempt = 1; !this.#isStopping && !this.stopping.aborted; attempt++) {
      try {
        await replica.start();
        return;
      } catch (error) {
        this.findings.count('starts of a replica that failed and were repeated');
        if (attempt % 10 === 0)
          this.findings.violation(
            `${name} did not start ${attempt} times in a row: ${String(error)}`,
          );
        await pause(300);
      }
    }
  }

  /** SIGTERM, as an operator or an orchestrator stops a replica. */
  async stopGracefully({ name, replica }: Player): Promise<void> {
    const began = Date.now();
    const tooLate = setTimeout(() => replica.signal('SIGKILL'), STOPS_WITHIN_MS);
    const code = await replica.end('SIGTERM');
    clearTimeout(tooLate);
    if (this.stopping.aborted) return;
    const tookMs = Date.now() - began;
    this.findings.peak('longest graceful stop, ms', tookMs);
    if (code !== 0)
      this.findings.violation(
        `${name} ended with ${code ?? 'a signal'} ${tookMs} ms after SIGTERM instead of 0`,
      );
  }

  /**
   * Verdicts that came when the task was no longer the claimant's: those that this process of each
   * replica remembers.
   */
  async countLateVerdicts(): Promise<void> {
    for (const { replica } of this.players) {
      const metrics = await (await fetch(`${replica.url}/metrics`)).text();
      const [, late] = /^cashback_resolutions_late_total (\d+)$/m.exec(metrics) ?? [];
      this.findings.count('late verdicts of workers, fenced off', Number(late ?? 0));
    }
  }

  /**
   * The replicas stop by themselves, or fail at it, unless the user waits. The folder is kept when
   * the findings are bad in the end.
   */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#watch);
    await Promise.all(
      this.players.map((player) =>
        this.stopping.aborted ? player.replica.end('SIGKILL') : this.stopGracefully(player),
      ),
    );
    await this.proxy.stop();
    await this.accrual.stop();
    await this.database.stop(this.findings.areBad);
  }

  async #addReplica(name: string): Promise<void> {
    const replica = await Replica.start({
      databaseUri: this.proxy.uri,
      accrualAddress: this.accrual.url,
      logFile: join(this.folder, `${name.replace(' ', '-')}.log`),
      settings: SETTINGS,
    });
    this.players.push({ name, replica, isDisturbed: false });
  }

  #watchPlayers(): void {
    for (const player of this.players) {
      const { name, replica, isDisturbed } = player;
      if (replica.pid !== undefined)
        this.findings.peak('most memory of a replica, MB', memoryOf(replica.pid));
      else if (!isDisturbed && !this.stopping.aborted) {
        this.findings.violation(`${name} ended by itself, see its log`);
        player.isDisturbed = true;
        void this.bringUp(player).finally(() => (player.isDisturbed = false));
      }
    }
  }
}

/** The peak of its resident set, in MB; 0 where the system does not tell. */
function memoryOf(pid: number): number {
  try {
    return Math.round(
      Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) /
        1024,
    );
  } catch {
    return 0;
  }
}
