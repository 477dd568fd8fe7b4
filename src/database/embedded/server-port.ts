import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';

/**
 * The port of the last start if it is free, so that a client's saved settings keep working, else
 * any free one.
 */
export async function choosePort(file: string): Promise<number> {
  const last = readPort(file);
  return (last !== undefined && (await listenOnce(last))) || listenOnce(0);
}

export function keepPort(file: string, port: number): void {
  // Replaced, not overwritten: root may have written it in a folder of this user's.
  rmSync(file, { force: true });
  writeFileSync(file, `${port}\n`);
}

function readPort(file: string): number | undefined {
  try {
    const port = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
  } catch {
    return undefined;
  }
}

/** The port that could be listened on, 0 where it is taken. */
function listenOnce(port: number): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(0));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
