import { rmSync } from 'node:fs';
import { dirname } from 'node:path';

export default async function globalTeardown() {
  const server = globalThis.testDatabaseServer;
  await server.stop();
  rmSync(dirname(server.folder), { recursive: true, force: true });
}
