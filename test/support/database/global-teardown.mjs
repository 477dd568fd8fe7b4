import { rmSync } from 'node:fs';

export default async function globalTeardown() {
  const { testDatabaseServer, testFolder } = globalThis;
  globalThis.testDatabaseServer = undefined;
  if (!testDatabaseServer) return;
  await testDatabaseServer.stop();
  rmSync(testFolder, { recursive: true, force: true });
}
