import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A door between the service and its database that a test can shut: the network, or the server, going away. */
export class DatabaseGate {
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((client) => this.#pass(client));
  readonly #database: URL;
  #shut = false;

  private constructor(uri: string) {
    this.#database = new URL(uri);
  }

  static async before(uri: string): Promise<DatabaseGate> {
    const gate = new DatabaseGate(uri);
    await new Promise<void>((resolve) => gate.#server.listen(0, '127.0.0.1', resolve));
    return gate;
  }

  /** The way to the database through the gate. */
  get uri(): string {
    const uri = new URL(this.#database);
    uri.hostname = '127.0.0.1';
    uri.port = `${(this.#server.address() as AddressInfo).port}`;
    return uri.href;
  }

  /** Breaks every connection; new ones break at once. */
  shut(): void {
    this.#shut = true;
    this.#sockets.forEach((socket) => socket.destroy());
  }

  open(): void {
    this.#shut = false;
  }

  async close(): Promise<void> {
    this.shut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #pass(client: Socket): void {
    if (this.#shut) {
      client.destroy();
      return;
    }
    const { hostname, port } = this.#database;
    const server = connect(Number(port || 5432), decodeURIComponent(hostname));
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}
