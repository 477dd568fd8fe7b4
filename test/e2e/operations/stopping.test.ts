import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  createTestDatabase,
  lockWaits,
  type TestDatabase,
} from '../../support/database/test-database.js';
import { eventually } from '../../support/eventually.js';
import { ScriptedAccrual } from '../../support/fakes/scripted-accrual.js';
import { Customer } from '../../support/http/customer.js';
import { ServiceProcess } from '../../support/processes/service-process.js';

/** What the service logs when the signal has come. */
const STOPPING = '"msg":"stopping"';

/** A connection that is kept for one request after another, and what became of them. */
class Client {
  private constructor(
    private readonly socket: Socket,
    private readonly head: string,
  ) {
    socket.on('data', (chunk: Buffer) => (this.received += chunk.toString('latin1')));
    socket.on('error', (error: NodeJS.ErrnoException) => (this.broken = error.code));
    socket.on('close', () => (this.isClosed = true));
  }

  received = '';
  broken: string | undefined;
  isClosed = false;

  /** @throws Error when nobody listens. */
  static async connect(url: string, authorization: string): Promise<Client> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    const head = `GET /api/user/balance HTTP/1.1\r\nHost: a\r\nAuthorization: ${authorization}`;
    return new Client(socket, `${head}\r\n\r\n`);
  }

  get replies(): number {
    return this.received.split('HTTP/1.1 200').length - 1;
  }

  get saysClose(): boolean {
    return /^connection: close\r$/im.test(this.received);
  }

  ask(times = 1): void {
    this.socket.write(this.head.repeat(times));
  }

  askInPart(): () => void {
    this.socket.write(this.head.slice(0, 30));
    return () => void this.socket.write(this.head.slice(30));
  }

  close(): void {
    this.socket.destroy();
  }
}

interface Lost {
  readonly sentAt: number;
  readonly end: string;
}

describe('a stop', () => {
  let database: TestDatabase;
  let accrual: ScriptedAccrual;
  let service: ServiceProcess;
  let authorization: string;
  const clients: Client[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'gophermart-stop-'));
  let logs = 0;
  /** Of the service of this test alone. */
  let log: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    accrual = await ScriptedAccrual.start();
  });

  afterEach(async () => {
    clients.splice(0).forEach((client) => client.close());
    await service.end('SIGKILL');
  });

  afterAll(async () => {
    await accrual.stop();
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  beforeEach(() => {
    log = join(folder, `log ${++logs}`);
  });

  async function start(settings: Record<string, string> = {}): Promise<void> {
    service = await ServiceProcess.start({
      databaseUri: database.uri,
      accrualAddress: accrual.url,
      logFile: log,
      settings,
    });
    ({ authorization } = await Customer.register(service.url));
  }

  async function open(): Promise<Client> {
    const client = await Client.connect(service.url, authorization);
    clients.push(client);
    return client;
  }

  const nobodyListens = (): Promise<boolean> =>
    Client.connect(service.url, authorization).then(
      (client) => (client.close(), false),
      () => true,
    );

  /** Sends one request after another until nobody listens. @returns those that got no reply. */
  async function keepAsking(): Promise<Lost[]> {
    const lost: Lost[] = [];
    for (let client = await open(); ;) {
      const before = client.replies;
      const sentAt = performance.now();
      client.ask();
      await eventually('a reply, or the end', () => client.replies > before || client.isClosed);
      if (client.replies === before) lost.push({ sentAt, end: client.broken ?? 'FIN' });
      if (!client.isClosed && !client.saysClose) continue;
      try {
        client = await open();
      } catch {
        return lost;
      }
    }
  }

  it.each(['0', '0', '0', '300', '300'])(
    'answers what 24 busy clients have sent, with STOP_DELAY_MS=%s',
    async (STOP_DELAY_MS) => {
      await start({ STOP_DELAY_MS });
      const busy = Array.from({ length: 24 }, keepAsking);
      await eventually(
        'all are busy',
        () => clients.filter(({ replies }) => replies > 20).length >= 24,
      );
      const stoppedAt = performance.now();
      await expect(service.end('SIGTERM')).resolves.toBe(0);
      const lost = (await Promise.all(busy)).flat();
      expect(lost.filter(({ sentAt }) => sentAt < stoppedAt)).toEqual([]);
      // One that is sent while its idle connection is closed meets the end of that, but no reset.
      expect(lost.filter(({ end }) => end !== 'FIN')).toEqual([]);
    },
  );

  it('answers all that was sent in one go, the last with Connection: close', async () => {
    await start({ LOG_LEVEL: 'info' });
    for (let i = 0; i < 12; i++) await open();
    // Nothing can be answered before the signal has come.
    await database.query('BEGIN');
    await database.query('LOCK TABLE gophermart.accounts IN ACCESS EXCLUSIVE MODE');
    clients.forEach((client) => client.ask(10));
    await eventually('the requests wait', async () => (await lockWaits(database)) > 0);
    const ended = service.end('SIGTERM');
    await eventually('the service is stopping', () => readFileSync(log, 'utf8').includes(STOPPING));
    await database.query('ROLLBACK');
    await expect(ended).resolves.toBe(0);
    await eventually('all are closed', () => clients.every(({ isClosed }) => isClosed));
    expect(clients.map(({ replies, broken }) => [replies, broken])).toEqual(
      clients.map(() => [10, undefined]),
    );
    for (const { received } of clients) {
      expect(received.split(/^connection: close\r$/im)).toHaveLength(2);
      expect(received.lastIndexOf('HTTP/1.1')).toBeLessThan(received.search(/connection: close/i));
    }
  });

  it('closes connections that nobody uses, and waits for a request that has begun', async () => {
    await start();
    const [idle, used, begun] = [await open(), await open(), await open()];
    used.ask();
    await eventually('a reply', () => used.replies === 1);
    const goOn = begun.askInPart();
    await eventually('it has arrived', async () => {
      await Customer.register(service.url);
      return true;
    });
    const ended = service.end('SIGTERM');
    await eventually('nobody listens', nobodyListens);
    goOn();
    await expect(ended).resolves.toBe(0);
    await eventually('all are closed', () => clients.every(({ isClosed }) => isClosed));
    expect([idle.replies, used.replies, begun.replies]).toEqual([0, 1, 1]);
    expect(begun.saysClose).toBe(true);
    expect(clients.map(({ broken }) => broken)).toEqual([undefined, undefined, undefined]);
  });
});
