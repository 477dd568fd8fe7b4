import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';

/**
 * Where a connection is cut at a COMMIT: before the server sees it (`undelivered`), or when the
 * server has answered, before the client sees that (`unanswered`).
 */
export type Cut = 'undelivered' | 'unanswered';

/** The text of COMMIT, which is never sent as the name of a statement. */
const COMMIT = Buffer.from('COMMIT\0');

/** BackendKeyData, 12 bytes, before the server's process and its secret. */
const KEY_DATA = Buffer.from([0x4b, 0, 0, 0, 12]);

/** Stands between the service and PostgreSQL, and breaks connections where it hurts most. */
export class TcpProxy {
  readonly #server = createServer((client) => this.#connect(client));
  readonly #sockets = new Set<Socket>();
  #cuts: Cut[] = [];
  #isDown = false;
  #isSilent = false;
  /** COMMITs that were cut off. */
  cut = 0;
  /** What clients have sent since it fell silent. */
  swallowed = '';
  /** Whether clients are told of another process than the server's, as poolers do. */
  namesItself = false;
  /** How much later everything arrives, either way, in milliseconds. */
  delayMs = 0;

  private constructor(private readonly target: URL) {}

  static async start(databaseUri: string): Promise<TcpProxy> {
    const proxy = new TcpProxy(new URL(databaseUri));
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** The database's URI by way of the proxy. */
  get uri(): string {
    const uri = new URL(this.target);
    uri.host = `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return uri.href;
  }

  /** Cuts off the next COMMITs, one for each of `cuts`. */
  cutNext(...cuts: Cut[]): void {
    this.#cuts = cuts;
  }

  /** Cuts that have found no COMMIT yet. */
  get cutsLeft(): number {
    return this.#cuts.length;
  }

  /** Breaks all connections; new ones are let through. */
  breakAll(): void {
    this.#sockets.forEach((socket) => socket.destroy());
  }

  /** Breaks all connections, and every new one at once. */
  goDown(): void {
    this.#isDown = true;
    this.breakAll();
  }

  /**
   * Passes on nothing any more, but keeps all connections and takes new ones, as a network that has
   * lost its route. What was silent once stays silent when it comes back.
   */
  fallSilent(): void {
    this.#isSilent = true;
    this.swallowed = '';
  }

  /** New connections work again. */
  comeBack(): void {
    this.#isDown = false;
    this.#isSilent = false;
  }

  async stop(): Promise<void> {
    this.goDown();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #connect(client: Socket): void {
    if (this.#isDown) return void client.destroy();
    const server = createConnection(Number(this.target.port), this.target.hostname);
    const destroyBoth = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', destroyBoth);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        destroyBoth();
      });
    }
    let swallowsAnswer = false;
    let isSilent = false;
    const [toServer, toClient] = [this.#courier(server), this.#courier(client)];
    client.on('data', (chunk: Buffer) => {
      isSilent ||= this.#isSilent;
      if (isSilent) return void (this.swallowed += chunk.toString('latin1'));
      const cut = chunk.includes(COMMIT) ? this.#cuts.shift() : undefined;
      if (cut) this.cut++;
      if (cut === 'undelivered') return destroyBoth();
      swallowsAnswer = cut === 'unanswered';
      toServer(chunk);
    });
    server.on('data', (chunk: Buffer) => {
      isSilent ||= this.#isSilent;
      if (swallowsAnswer) destroyBoth();
      else if (!isSilent) toClient(this.namesItself ? withOtherProcess(chunk) : chunk);
    });
  }

  /**
   * Writes to `socket`, late where there is a delay, and always in order: whichever timer fires
   * first takes the first chunk.
   */
  #courier(socket: Socket): (chunk: Buffer) => void {
    const waiting: Buffer[] = [];
    return (chunk) => {
      if (this.delayMs === 0 && waiting.length === 0) return void socket.write(chunk);
      waiting.push(chunk);
      setTimeout(() => {
        const first = waiting.shift();
        if (first && !socket.destroyed) socket.write(first);
      }, this.delayMs);
    };
  }
}

function withOtherProcess(chunk: Buffer): Buffer {
  const at = chunk.indexOf(KEY_DATA);
  if (at < 0) return chunk;
  const other = Buffer.from(chunk);
  other.writeInt32BE(other.readInt32BE(at + KEY_DATA.length) + 1, at + KEY_DATA.length);
  return other;
}
