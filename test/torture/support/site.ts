import { join } from 'node:path';
import { inspect } from 'node:util';
import { ScriptedAccrual } from '../../support/fakes/scripted-accrual.js';
import { DatabaseServer } from '../../support/processes/database-server.js';
import { type ServiceOptions, ServiceProcess } from '../../support/processes/service-process.js';
import { Findings } from '../findings.js';
import type { Assignment, PartReport } from '../part.js';

/** A database, an accrual system, and services that a part starts on them. */
export class Site {
  readonly findings = new Findings();
  readonly services: ServiceProcess[] = [];

  constructor(
    readonly database: DatabaseServer,
    readonly accrual: ScriptedAccrual,
  ) {}

  async start(
    name: string,
    options: Omit<ServiceOptions, 'databaseUri' | 'accrualAddress' | 'logFile'>,
    databaseUri = this.database.uri(),
  ): Promise<ServiceProcess> {
    const logFile = join(this.database.folder, `${name}.log`);
    const accrualAddress = this.accrual.url;
    const service = await ServiceProcess.start({
      ...options,
      databaseUri,
      accrualAddress,
      logFile,
    });
    this.services.push(service);
    return service;
  }

  async close(): Promise<void> {
    await Promise.all(this.services.map((service) => service.end('SIGTERM')));
    await this.accrual.stop();
    await this.database.stop(this.findings.areBad);
  }
}

/** What an attack tells, besides what it found. */
export type Told = Pick<PartReport, 'facts' | 'table'>;

/**
 * Makes an attack on a site of its own; it is kept, to be looked into, when something is found.
 *
 * @param database one that runs already; otherwise one is started.
 */
export async function onSite(
  { stopping, say }: Assignment,
  attack: (site: Site) => Promise<Told>,
  database?: DatabaseServer,
): Promise<PartReport> {
  say('starting the database');
  database ??= await DatabaseServer.start();
  const site = new Site(database, await ScriptedAccrual.start());
  const { findings } = site;
  const told = await attack(site).catch((error: unknown): Told => {
    // What was found before is worth no less.
    if (!stopping.aborted) findings.violation(`broke down: ${inspect(error)}`);
    return { facts: findings.tallies };
  });
  await site.close();
  const kept = `logs and database are kept in ${database.folder}`;
  return { ...told, violations: findings.areBad ? [...findings.violations, kept] : [] };
}
