import { rmSync } from 'node:fs';

export default async function globalTeardown() {
  await globalThis.testDatabaseServer.stop();
  for (const folder of globalThis.testDatabaseFolders) rmSync(folder, { recursive: true, force: true });
}
