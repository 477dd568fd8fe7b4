import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { NotHttp, readReplies } from './replies.js';
import type { RawReply } from '../../../support/http/raw-http.js';

/** Bytes for one connection, and what must come of them. */
export interface Volley {
  /** The kind of mutation. */
  readonly kind: string;
  /** Written one after the other, each as a packet of its own where the kernel lets it. */
  readonly writes: readonly Buffer[];
  /** Written when the first bytes of a reply are there. */
  readonly interjection?: Buffer;
  /** After the last byte: wait, say that nothing more comes, or go away with replies unread. */
  readonly ending: 'wait' | 'half-close' | 'reset';
  /** Where the bytes are good HTTP: the statuses of the replies, in order. */
  readonly expected?: readonly number[];
  /** How many requests may be answered at most, otherwise than by 400. */
  readonly atMost: number;
  /** The status of a request hidden in another's body, which nobody may answer. */
  readonly hidden?: number;
}

export interface Outcome {
  readonly replies: readonly RawReply[];
  /** What is wrong with the bytes that came, if anything. */
  readonly problem?: string;
}

/**
 * A request that is not complete is waited for by the service, rightly, for 15 s: this client is
 * not that patient, in milliseconds.
 */
const PATIENCE_MS = 150;

/** Good requests are waited for as any client would, in milliseconds. */
const REPLY_WITHIN_MS = 10_000;

/**
 * Sends a volley over a connection of its own and collects what comes back, until the service
 * closes or nothing more is due.
 */
export function fire(port: number, volley: Volley): Promise<Outcome> {
  const due = volley.expected?.length ?? volley.atMost;
  return new Promise((resolve, reject) => {
    const received: Uint8Array[] = [];
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const finish = (closed: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      try {
        const { complete, unfinished } = readReplies(Buffer.concat(received), closed);
        const problem =
          closed && unfinished > 0
            ? aboutUnfinished(volley, Buffer.concat(received).subarray(-unfinished))
            : undefined;
        resolve({ replies: complete, ...(problem !== undefined && { problem }) });
      } catch (error) {
        if (error instanceof NotHttp) resolve({ replies: [], problem: error.message });
        else reject(error instanceof Error ? error : new Error(String(error)));
      }
    };
    let timer = setTimeout(() => finish(false), REPLY_WITHIN_MS);
    socket.on('data', (chunk) => {
      if (received.push(chunk) === 1 && volley.interjection) socket.write(volley.interjection);
      // The patience is for silence.
      if (!volley.expected) timer.refresh();
      else if (isAnswered(received, due)) finish(false);
    });
    // A reset says that the service has closed before it had read everything: replies sent before
    // it count.
    socket.on('error', () => undefined);
    socket.on('close', () => finish(true));
    socket.on('connect', () => {
      void write(socket, volley).then(() => {
        if (volley.ending === 'reset') return socket.resetAndDestroy();
        if (volley.expected) return;
        clearTimeout(timer);
        timer = setTimeout(() => finish(false), PATIENCE_MS);
      });
    });
  });
}

/** Whoever breaks off has closed, which is their right where they were sent nonsense. */
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

async function write(
  socket: ReturnType<typeof connect>,
  { writes, ending }: Volley,
): Promise<void> {
  for (const bytes of writes) {
    if (socket.destroyed || !socket.writable) return;
    socket.write(bytes);
    if (writes.length > 1) await turn();
  }
  if (ending === 'half-close') socket.end();
}
