import { connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type { RawReply } from '../../../support/http/raw-http.js';
import { NotHttp, readReplies } from './replies.js';
import type { Volley } from './sample.js';

export interface Outcome {
  readonly replies: readonly RawReply[];
  /** What is wrong with the bytes that came, if anything. */
  readonly problem?: string;
}

/** The service waits 15 s for a request that is not complete; this client does not. */
const PATIENCE_MS = 150;

/** Good requests are waited for as any client would. */
const REPLY_WITHIN_MS = 10_000;

/**
 * Sends a volley over a connection of its own and collects what comes back, until the service
 * closes or nothing more is due.
 */
export function fire(port: number, volley: Volley): Promise<Outcome> {
  const { expected, interjection, ending } = volley;
  return new Promise((resolve, reject) => {
    const received: Uint8Array[] = [];
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const finish = (isClosed: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      const bytes = Buffer.concat(received);
      try {
        const { complete, unfinished } = readReplies(bytes, isClosed);
        const problem =
          isClosed && unfinished > 0
            ? aboutUnfinished(volley, bytes.subarray(-unfinished))
            : undefined;
        resolve({ replies: complete, ...(problem !== undefined && { problem }) });
      } catch (error) {
        if (error instanceof NotHttp) resolve({ replies: [], problem: error.message });
        else reject(new Error('a reply could not be read', { cause: error }));
      }
    };
    let timer = setTimeout(() => finish(false), REPLY_WITHIN_MS);
    socket.on('data', (chunk) => {
      if (received.push(chunk) === 1 && interjection) socket.write(interjection);
      // The patience is for silence.
      if (!expected) timer.refresh();
      else if (isAnswered(received, expected.length)) finish(false);
    });
    // A service that resets has closed before it had read everything: earlier replies count.
    socket.on('error', () => undefined);
    socket.on('close', () => finish(true));
    socket.on('connect', () => {
      void write(socket, volley).then(() => {
        if (ending === 'reset') return socket.resetAndDestroy();
        if (expected) return;
        clearTimeout(timer);
        timer = setTimeout(() => finish(false), PATIENCE_MS);
      });
    });
  });
}

/** The service may break off where it was sent nonsense. */
function aboutUnfinished({ expected }: Volley, bytes: Buffer): string | undefined {
  if (bytes.includes('HTTP/1.1 400 Bad Request\r\n')) return 'a reply in the middle of another';
  return expected ? `${bytes.length} bytes of a reply that breaks off` : undefined;
}

function isAnswered(received: readonly Uint8Array[], due: number): boolean {
  try {
    return readReplies(Buffer.concat(received), false).complete.length >= due;
  } catch {
    return true;
  }
}

async function write(socket: Socket, { writes, ending }: Volley): Promise<void> {
  for (const bytes of writes) {
    if (socket.destroyed || !socket.writable) return;
    socket.write(bytes);
    if (writes.length > 1) await turn();
  }
  if (ending === 'half-close') socket.end();
}
