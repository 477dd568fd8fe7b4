import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Customer } from '../../support/http/customer.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { TcpProxy } from '../../support/http/tcp-proxy.js';
import { eventually } from '../../support/eventually.js';
import { ScriptedAccrual } from '../../support/fakes/scripted-accrual.js';
import { createTestDatabase, type TestDatabase } from '../../support/database/test-database.js';
import { ServiceProcess } from '../../support/processes/service-process.js';

describe('the stop of a worker with a task in hand', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let accrual: ScriptedAccrual;
  let folder: string;
  let service: ServiceProcess;
  let customer: Customer;

  /** @param delayMs 5000 is the most that may be set. */
  async function start(delayMs: string, settings = {}): Promise<void> {
    database = await createTestDatabase();
    proxy = await TcpProxy.start(database.uri);
    accrual = await ScriptedAccrual.start();
    accrual.fallback = () => undefined;
    folder = mkdtempSync(join(tmpdir(), 'gophermart-stop-'));
    service = await ServiceProcess.start({
      databaseUri: proxy.uri,
      accrualAddress: accrual.url,
      logFile: join(folder, 'log'),
      settings: { STOP_DELAY_MS: delayMs, ...settings },
    });
    customer = await Customer.register(service.url);
    await customer.upload(freshNumber());
    await eventually('its request is in flight', () => accrual.requests.length === 1);
  }

  const log = (): string => readFileSync(join(folder, 'log'), 'utf8');

  afterEach(async () => {
    await service.end('SIGKILL');
    await accrual.stop();
    await proxy.stop();
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  it('ends in time though the database is away: the lease gives the task to others', async () => {
    await start('0');
    proxy.goDown();
    // The lease lasts 30 s. A stop that waits for something so long ends with 1.
    await expect(service.end('SIGTERM')).resolves.toBe(0);
    const tasks = await database.query('SELECT status, tries FROM gophermart.queue');
    expect(tasks).toEqual([{ status: 'PROCESSING', tries: 0 }]);
    expect(log()).not.toContain('without waiting');
  });

  /** Of which the service waits for the rest. */
  function beginRequest(): Socket {
    const { hostname, port } = new URL(service.url);
    const client = connect(Number(port), hostname);
    client.on('error', () => undefined);
    client.write('POST /api/user/login HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n');
    return client;
  }

  it('puts the task back though a request never comes to its end', async () => {
    await start('5000');
    const client = beginRequest();
    await expect(service.end('SIGTERM')).resolves.toBe(0);
    client.destroy();
    const tasks = await database.query('SELECT status, tries FROM gophermart.queue');
    expect(tasks).toEqual([{ status: 'PENDING', tries: 0 }]);
  });

  it('puts the task back though the broker is silent, too', async () => {
    const broker = createServer().listen(0, '127.0.0.1');
    await once(broker, 'listening');
    const { port } = broker.address() as AddressInfo;
    await start('5000', { AMQP: `amqp://127.0.0.1:${port}` });
    const client = beginRequest();
    await expect(service.end('SIGTERM')).resolves.toBe(0);
    client.destroy();
    broker.close();
    const tasks = await database.query('SELECT status, tries FROM gophermart.queue');
    expect(tasks).toEqual([{ status: 'PENDING', tries: 0 }]);
  });

  it('ends in time though the database is silent, and requests wait for it', async () => {
    await start('5000');
    proxy.fallSilent();
    const waiting = Array.from({ length: 3 }, () => customer.upload(freshNumber()).catch(() => 0));
    // Meanwhile other parts of the service ask the database something, too.
    await pause(1_000);
    await expect(service.end('SIGTERM')).resolves.toBe(0);
    await Promise.all(waiting);
    expect(log()).toContain('it stops without waiting for the database');
  });
});
