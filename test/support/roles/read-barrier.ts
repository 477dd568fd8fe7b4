import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { TestDatabase } from '../database/test-database.js';

/** A read waits no longer than this: where a test has changed the books behind their back. */
const WAITS_MS = 5_000;

/** What of requests is answered by a read model. */
const READ = /(?:GET|HEAD) \/api\/user\/(?:orders|balance|withdrawals)/;

/** Books and read model give the same where customers would be shown the same. */
const SUMS = {
  books: `
    SELECT count(*), sum(hashtextextended(concat_ws(' ', num, status, accrual), 0))
    FROM gophermart.orders
    UNION ALL
    SELECT count(*), sum(hashtextextended(concat_ws(' ', order_num, balance_after), 0))
    FROM gophermart.ledger_entries`,
  reads: `
    SELECT count(*), sum(hashtextextended(concat_ws(' ', num, status, accrual), 0))
    FROM gophermart_query.orders WHERE uploaded_at IS NOT NULL
    UNION ALL
    SELECT count(*), sum(hashtextextended(concat_ws(' ', num, balance), 0))
    FROM gophermart_query.entries`,
};

/**
 * Stands before several portals that read from a read model, each connection goes to the next of
 * them. Reads are passed on when the read model shows what the books have: the one thing in which
 * these portals differ from a process that reads from the books. Everything else passes as it is.
 */
export class ReadBarrier {
  readonly #server = createServer({ allowHalfOpen: true }, (client) => this.#connect(client));
  readonly #sockets = new Set<Socket>();
  #connections = 0;

  private constructor(
    private readonly ports: readonly number[],
    private readonly books: TestDatabase,
    private readonly reads: TestDatabase,
  ) {}

  static async start(
    portals: readonly string[],
    books: TestDatabase,
    reads: TestDatabase,
  ): Promise<ReadBarrier> {
    const ports = portals.map((each) => Number(new URL(each).port));
    const barrier = new ReadBarrier(ports, books, reads);
    await new Promise<void>((resolve) => barrier.#server.listen(0, '127.0.0.1', resolve));
    return barrier;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #connect(client: Socket): void {
    const port = this.ports[this.#connections++ % this.ports.length] ?? 0;
    const portal = createConnection({ host: '127.0.0.1', port, allowHalfOpen: true });
    for (const socket of [client, portal]) {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => undefined);
    }
    client.on('close', (hadError) => (hadError ? portal.resetAndDestroy() : portal.destroySoon()));
    // A client that is still sending reads its reply first.
    portal.on('close', () => client.end());
    portal.pipe(client);
    client.on('end', () => portal.end());
    client.on('data', (chunk: Buffer) => {
      if (!portal.writable) return;
      if (!READ.test(chunk.toString('latin1'))) return void portal.write(chunk);
      client.pause();
      void this.#untilShown().then(() => {
        portal.write(chunk);
        client.resume();
      });
    });
  }

  async #untilShown(): Promise<void> {
    const deadline = performance.now() + WAITS_MS;
    while (performance.now() < deadline && !(await this.#isShown())) await pause(10);
  }

  async #isShown(): Promise<boolean> {
    const [books, reads] = [await this.books.query(SUMS.books), await this.reads.query(SUMS.reads)];
    return JSON.stringify(books) === JSON.stringify(reads);
  }
}
