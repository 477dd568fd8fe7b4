import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

let nextPort = 20_000 + 24 * (process.pid % 500);

/**
 * Ports of loopback that nobody listens on now, below those that the system gives out by itself: it
 * could give one to somebody else before it is used. Processes begin at different ones.
 */
export async function freePorts(count: number): Promise<number[]> {
  const free: number[] = [];
  while (free.length < count) {
    const port = await freePortFrom('127.0.0.1', nextPort);
    nextPort = port + 1;
    free.push(port);
  }
  return free;
}

/** The first port from this one on that nobody listens on now. */
export async function freePortFrom(host: string, port: number): Promise<number> {
  for (let next = port; ; next++)
    try {
      return await listenOnce(host, next);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
}

/**
 * Listens for a moment.
 *
 * @param port 0: any that is free.
 * @returns the port.
 * @throws what the system says where it cannot be listened on.
 */
export async function listenOnce(host: string, port: number): Promise<number> {
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return address.port;
}
