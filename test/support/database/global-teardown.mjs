import { rmSync } from 'node:fs';

export default async function globalTeardown() {
  await globalThis.testDatabaseServer.stop();
  rmSync(globalThis.testFolder, { recursive: true, force: true });
}
