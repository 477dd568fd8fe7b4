import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { PgUnitOfWork } from '../postgres/pg-unit-of-work.js';
import { stderr, stdout } from './standard-output.js';

/** From the sources and from the build. */
const PACKAGE = ['../../../package.json', '../../../../package.json']
  .map((path) => join(import.meta.dirname, path))
  .find((path) => existsSync(path));

/** What runs here. */
export const BUILD = {
  version: (JSON.parse(readFileSync(PACKAGE ?? '', 'utf8')) as { readonly version: string })
    .version,
  node: process.version,
} as const;

/** The registry that every module's metrics are in, and those of the process. */
export function processRegistry(): Registry {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'gophermart_build_info',
    help: 'Always 1: the version of the service, and the Node that runs it',
    labelNames: Object.keys(BUILD),
    registers,
  }).set(BUILD, 1);
  new Counter({
    name: 'log_lines_dropped_total',
    help: 'Lines of the log that could not be written',
    registers,
    collect() {
      this.reset();
      this.inc(stdout.dropped + stderr.dropped);
    },
  });
  return registry;
}

/** Shows the connections of a pool, as they are at each scrape. */
export function measureConnections(
  registry: Registry,
  database: PgUnitOfWork,
  { name, help }: { readonly name: string; readonly help: string },
): void {
  new Gauge({
    name,
    help,
    labelNames: ['state'],
    registers: [registry],
    collect() {
      for (const [state, count] of Object.entries(database.connections)) this.set({ state }, count);
    },
  });
}
