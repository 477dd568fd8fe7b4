import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { RABBITMQ_PROGRAMS, RabbitMq } from '../../../dist/src/service/roles/rabbitmq.js';
import startDatabase from '../database/global-setup.mjs';

/** As many as Jest has workers, by their number: `w1`, `w2`. */
const VIRTUAL_HOSTS = ['w1', 'w2'];

const READY_WITHIN_MS = 120_000;

/** A PostgreSQL, and a RabbitMQ with a virtual host for each of Jest's workers. */
export default async function globalSetup() {
  await startDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'gophermart-roles-'));
  const broker = await RabbitMq.inFolder(folder);
  const server = broker.spawn();
  globalThis.testBroker = { broker, server, folder };
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!(await broker.isReady())) {
    if (Date.now() > deadline) throw new Error(`the broker did not start, see ${broker.logFile}`);
    await pause(50);
  }
  const control = (...args) =>
    promisify(execFile)(join(RABBITMQ_PROGRAMS, 'rabbitmqctl'), args, { env: broker.environment });
  for (const name of VIRTUAL_HOSTS) {
    await control('add_vhost', name);
    await control('set_permissions', '-p', name, 'guest', '.*', '.*', '.*');
  }
  process.env.TEST_BROKER_URI = broker.uri;
}
