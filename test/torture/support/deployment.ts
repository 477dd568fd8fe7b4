import { setTimeout as pause } from 'node:timers/promises';
import { TcpProxy } from '../../support/http/tcp-proxy.js';
import type { DatabaseServer } from '../../support/processes/database-server.js';
import { peakMegabytes } from '../../support/processes/proc.js';
import type { ServiceOptions, ServiceProcess } from '../../support/processes/service-process.js';
import type { Findings } from '../findings.js';
import type { Site } from './site.js';
import type { AccrualAnswers } from './accrual-answers.js';
import { FaultyAccrual } from './faulty-accrual.js';
import { Operator } from './operator.js';

/** What a replica is started with, besides the settings below. */
export interface ReplicaOptions extends Pick<ServiceOptions, 'flags' | 'outputs' | 'settings'> {
  readonly name?: string;
  /** Without the API: a process of other roles. */
  readonly isInside?: boolean;
}

const REPLICAS: readonly ReplicaOptions[] = [{}, {}, {}];

/** The contract's: exit 0 within 10 s. */
const STOPS_WITHIN_MS = 10_000;
const WATCH_EVERY_MS = 200;
const PUT_BACK_EVERY_MS = 1_000;
/** It must be quiet so long: a replica that was paused first does what waited in its sockets. */
const QUIET_FOR_MS = 1_000;

/** Far below the defaults: a pause of some seconds must outlive a lease, and no backlog a run. */
const SETTINGS = {
  CASHBACK_LEASE_MS: '3000',
  CASHBACK_TIMEOUT_MS: '1000',
  CASHBACK_SPACING_MIN_MS: '100',
  CASHBACK_SPACING_MAX_MS: '1000',
  // Whose answer was lost tries both passwords, and all customers have one address.
  LOGIN_RATE_LIMIT: '0',
  // Numbers that fail more often are parked, and put back here.
  CASHBACK_MAX_TRIES: '4',
};

/** What `npm run queue -- retry --all` does, without a process each second. */
const PUT_BACK = `
  UPDATE gophermart.queue
  SET status = 'PENDING', tries = 0, reason = NULL, next_attempt_at = now(),
    status_changed_at = now()
  WHERE status = 'FAILED' RETURNING order_id`;

const TASKS = 'SELECT count(*)::integer AS found FROM gophermart.queue';
const OPEN_TRANSACTIONS = `
  SELECT count(*)::integer AS found FROM pg_stat_activity
  WHERE application_name = 'gophermart' AND state <> 'idle'`;

export interface Replica {
  readonly name: string;
  readonly service: ServiceProcess;
  readonly isInside: boolean;
  /** Whether a disturbance is at work on it. */
  isDisturbed: boolean;
}

/**
 * The service as in production: replicas, their database behind a proxy, an accrual system, and an
 * operator.
 */
export class Deployment {
  #isStopping = false;
  #timers: NodeJS.Timeout[] = [];

  private constructor(
    private readonly site: Site,
    readonly proxy: TcpProxy,
    readonly accrual: FaultyAccrual,
    readonly replicas: readonly Replica[],
    /** On the replicas' way to the database. */
    readonly operator: Operator,
    private readonly stopping: AbortSignal,
  ) {}

  /**
   * @param stopping aborted by Ctrl-C, which ends the replicas too: that proves nothing then.
   * @param databaseUri in place of the way through the proxy.
   */
  static async start(
    site: Site,
    answers: AccrualAnswers,
    stopping: AbortSignal,
    replicas = REPLICAS,
    databaseUri?: string,
  ): Promise<Deployment> {
    const proxy = await TcpProxy.start(site.database.uri());
    const accrual = new FaultyAccrual(site.accrual, answers, site.findings);
    const uri = databaseUri ?? proxy.uri;
    const started: Replica[] = [];
    // One after another: the first one migrates.
    for (const [i, options] of replicas.entries()) {
      const settings = { ...SETTINGS, ...options.settings };
      const { name = `replica-${i + 1}`, isInside = false } = options;
      const service = await site.start(name, { ...options, settings }, uri);
      started.push({ name, service, isInside, isDisturbed: false });
    }
    const operator = await Operator.start(uri);
    const deployment = new Deployment(site, proxy, accrual, started, operator, stopping);
    deployment.#timers = [
      setInterval(
        () => deployment.replicas.forEach((each) => deployment.#watch(each)),
        WATCH_EVERY_MS,
      ),
      setInterval(() => void deployment.#putBack(), PUT_BACK_EVERY_MS),
    ];
    return deployment;
  }

  get database(): DatabaseServer {
    return this.site.database;
  }

  get findings(): Findings {
    return this.site.findings;
  }

  /** Where the API is. */
  get urls(): string[] {
    return this.replicas.filter(({ isInside }) => !isInside).map(({ service }) => service.url);
  }

  /** Starts a replica that is down, as a supervisor does: again where the database was away. */
  async bringUp({ name, service }: Replica): Promise<void> {
    for (let attempt = 1; !this.#isStopping && !this.stopping.aborted; attempt++) {
      try {
        await service.start();
        return;
      } catch (error) {
        this.findings.count('starts of a replica that failed and were repeated');
        if (attempt % 10 === 0)
          this.findings.violation(`${name} did not start ten times in a row: ${error as Error}`);
        await pause(300);
      }
    }
  }

  /** SIGTERM, as an operator or an orchestrator stops a replica. */
  async stopGracefully({ name, service }: Replica): Promise<void> {
    const began = Date.now();
    const tooLate = setTimeout(() => service.signal('SIGKILL'), STOPS_WITHIN_MS);
    const code = await service.end('SIGTERM');
    clearTimeout(tooLate);
    if (this.stopping.aborted) return;
    const tookMs = Date.now() - began;
    this.findings.peak('longest graceful stop, ms', tookMs);
    if (code !== 0)
      this.findings.violation(
        `${name} ended with ${code ?? 'a signal'} ${tookMs} ms after SIGTERM instead of 0`,
      );
  }

  /** Waits until the queue is empty, no transaction is open, and it stays like that. */
  async untilQuiet(withinMs: number): Promise<void> {
    const count = async (statement: string): Promise<number> =>
      (await this.database.query<{ found: number }>(statement))[0]?.found ?? 0;
    const deadline = Date.now() + withinMs;
    let quietSince = Date.now();
    while (Date.now() - quietSince < QUIET_FOR_MS && !this.stopping.aborted) {
      const tasks = await count(TASKS);
      if (tasks > 0 || (await count(OPEN_TRANSACTIONS)) > 0) quietSince = Date.now();
      if (Date.now() > deadline) {
        const late = `${withinMs} ms after the last answer to a customer`;
        this.findings.violation(`${tasks} tasks were in the queue ${late}`);
        return;
      }
      await pause(100);
    }
  }

  /** Those that the present process of each replica has counted. */
  async countLateResolutions(): Promise<void> {
    for (const { service } of this.replicas) {
      const metrics = await (await fetch(`${service.url}/metrics`)).text();
      const [, late] = /^cashback_resolutions_late_total (\d+)$/m.exec(metrics) ?? [];
      this.findings.count('late resolutions, fenced off', Number(late ?? 0));
    }
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const timer of this.#timers) clearInterval(timer);
    const end = (replica: Replica): Promise<unknown> =>
      this.stopping.aborted ? replica.service.end('SIGKILL') : this.stopGracefully(replica);
    await Promise.all(this.replicas.map(end));
    await this.operator.stop();
    await this.proxy.stop();
  }

  async #putBack(): Promise<void> {
    const rows = await this.database.query(PUT_BACK).catch(() => []);
    this.findings.count('orders parked and put back', rows.length);
  }

  #watch(replica: Replica): void {
    const { name, service, isDisturbed } = replica;
    if (service.pid !== undefined) {
      const megabytes = Math.round(peakMegabytes(service.pid));
      this.findings.peak('most memory of a replica, MB', megabytes || 0);
    } else if (!isDisturbed && !this.stopping.aborted) {
      this.findings.violation(`${name} ended by itself, see its log`);
      replica.isDisturbed = true;
      void this.bringUp(replica).finally(() => (replica.isDisturbed = false));
    }
  }
}
