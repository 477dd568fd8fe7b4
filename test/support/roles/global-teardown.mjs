import { once } from 'node:events';
import { rmSync } from 'node:fs';
import stopDatabase from '../database/global-teardown.mjs';

export default async function globalTeardown() {
  const { broker, server, folder } = globalThis.testBroker;
  const ended = once(server, 'exit');
  process.kill(-server.pid, 'SIGKILL');
  await ended;
  broker.endNameServer();
  rmSync(folder, { recursive: true, force: true });
  await stopDatabase();
}
