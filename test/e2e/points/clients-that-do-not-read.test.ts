import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TIMEOUTS } from '../../../src/platform/http/fastify-server.js';
import { Books } from '../../support/database/books.js';
import { eventually } from '../../support/eventually.js';
import type { Customer } from '../../support/http/customer.js';
import { readClaims } from '../../support/http/forged-token.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

const CLIENTS = 10;

/** Some 8 MB of JSON each: more than the sockets of a client that does not read will hold. */
const LINES = 8_000;
const DIGITS = 1_000;

/** What the service may hold for one of them: a piece of the list, and the one behind it. */
const HELD_BYTES = 200_000;

describe('clients that ask for a long list and do not read it', () => {
  let service: TestService;
  let customer: Customer;
  /** The service's ends of its connections. */
  const ends: Socket[] = [];

  beforeAll(async () => {
    service = await startTestService({
      settings: { cashback: { enabled: false } },
      // A machine may be so slow that the first is cut off before the last is stuck.
      timeouts: { ...TIMEOUTS, unreadMs: 600_000 },
    });
    service.app.getHttpServer().on('connection', (socket: Socket) => ends.push(socket));
    customer = await service.customer();
    const userId = readClaims(customer.authorization).sub;
    const books = new Books(service.database);
    await books.withdrawals(userId, LINES, DIGITS);
    await books.orders(userId, LINES, DIGITS);
    // As autovacuum does within a minute.
    await service.database.query('ANALYZE gophermart.orders, gophermart.ledger_entries');
  });

  afterAll(() => service.stop());

  function ask(path: string): Socket {
    const { hostname, port } = new URL(service.url);
    const socket = connect(Number(port), hostname).pause();
    socket.write(
      `GET /api/user/${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n` +
        `Authorization: ${customer.authorization}\r\n\r\n`,
    );
    return socket;
  }

  it.each(['orders', 'withdrawals'])(
    'have the service hold a piece of it for each, and nobody else wait: %s',
    async (path) => {
      ends.length = 0;
      const clients = Array.from({ length: CLIENTS }, () => ask(path));
      const stuck = (): Socket[] => ends.filter((socket) => socket.writableNeedDrain);
      await eventually('all are stuck', () => stuck().length === CLIENTS, 150_000);
      expect(await customer.balance()).toEqual({ current: 0, withdrawn: LINES });
      for (const socket of stuck()) expect(socket.writableLength).toBeLessThan(HELD_BYTES);
      const [patient, ...others] = clients as [Socket, ...Socket[]];
      for (const client of others) client.resetAndDestroy();
      expect((await text(patient)).match(/"\d{1000}"/g)).toHaveLength(LINES);
    },
  );
});
