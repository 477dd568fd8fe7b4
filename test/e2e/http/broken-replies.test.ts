import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { giveOrders, startTestService, type TestService } from '../../support/http/test-service.js';

/**
 * Some 6 MB of JSON: more than the sockets between the service and a client that does not read will
 * hold.
 */
const ORDERS = 60_000;

describe('a list that has begun', () => {
  const log = new PassThrough({ encoding: 'utf8' });
  let service: TestService;
  let authorization: string;

  beforeAll(async () => {
    service = await startTestService({
      settings: { cashback: { enabled: false } },
      logger: pino({ level: 'warn' }, log),
    });
    const customer = await service.customer();
    await giveOrders(service, customer, ORDERS);
    ({ authorization } = customer);
  });

  afterEach(() => void log.read());

  afterAll(() => service.stop());

  /**
   * The connection and what has come of the list, once its beginning is there; it is not read any
   * further.
   */
  async function begin(id: string): Promise<[Socket, string]> {
    const { hostname, port } = new URL(service.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `GET /api/user/orders HTTP/1.1\r\nHost: a\r\nAuthorization: ${authorization}\r\n` +
        `X-Request-Id: ${id}\r\n\r\n`,
    );
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    socket.pause();
    return [socket, bytes.toString()];
  }

  it('and cannot be read to its end is cut, never ended, and the log says why', async () => {
    const [socket, beginning] = await begin('unlucky');
    expect(beginning).toMatch(/^HTTP\/1\.1 200 OK/);
    await service.database.query('ALTER TABLE gophermart.orders RENAME TO away');
    let rest = '';
    socket.on('data', (bytes: Buffer) => (rest += bytes.toString()));
    socket.on('error', () => undefined);
    await once(socket.resume(), 'close');
    await service.database.query('ALTER TABLE gophermart.away RENAME TO orders');
    expect(rest).not.toMatch(/0\r\n\r\n$/);
    const lines = (log.read() as string).trim().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 50,
      requestId: 'unlucky',
      msg: 'a reply broke off',
      err: { code: '42P01' },
    });
  });

  it('and is not wanted any more leaves the log alone', async () => {
    const [socket] = await begin('bored');
    socket.resetAndDestroy();
    await expect(
      (await fetch(`${service.url}/api/user/balance`, { headers: { authorization } })).json(),
    ).resolves.toEqual({
      current: 0,
      withdrawn: 0,
    });
    expect(log.read()).toBeNull();
  });
});
