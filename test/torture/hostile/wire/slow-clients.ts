import { connect, type Socket } from 'node:net';
import type { Member } from '../requests/headers.js';
import { rest } from '../rest.js';

/** Enough to fill a pool that counts idle sockets, not enough to be a flood. */
const CLIENTS = 40;
const A_BYTE_EVERY_MS = 500;

/**
 * Clients that never finish: half of them a header, half a body, a byte at a time; the others must
 * not notice.
 */
export async function crawl(port: number, { token }: Member, until: AbortSignal): Promise<void> {
  const head = `POST /api/user/orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: text/plain\r\n`;
  const sockets: Socket[] = Array.from({ length: CLIENTS }, (_, i) => {
    const socket = connect({ port, host: '127.0.0.1' });
    // The service may end them when its patience does.
    socket.on('error', () => undefined);
    socket.write(i % 2 === 0 ? `${head}X-Slow: ` : `${head}Content-Length: 1000\r\n\r\n1`);
    return socket;
  });
  while (!until.aborted) {
    await rest(A_BYTE_EVERY_MS, until);
    for (const socket of sockets) if (socket.writable) socket.write('1');
  }
  for (const socket of sockets) socket.destroy();
}
