import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { giveOrders, startTestService, type TestService } from '../../support/http/test-service.js';

/** Longer than a test may hang; Node takes no more for a head. */
const NEVER_MS = 300_000;

const REQUEST = 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n';

describe('a client that does nothing', () => {
  let service: TestService;
  let clients: Socket[];
  /** The service's ends of its connections. */
  let ends: Socket[];

  afterEach(async () => {
    clients.forEach((client) => client.destroy());
    await service.stop();
  });

  /** Starts a service that waits for ever but for what `timeouts` says. */
  async function start(timeouts: object): Promise<void> {
    const never = { headMs: NEVER_MS, requestMs: NEVER_MS, unreadMs: NEVER_MS, checkMs: 50 };
    service = await startTestService({
      settings: { cashback: { enabled: false } },
      timeouts: { ...never, ...timeouts },
    });
    [clients, ends] = [[], []];
    service.app.getHttpServer().on('connection', (socket: Socket) => ends.push(socket));
  }

  /** Whose side of the connection stays open, whatever the service does. */
  async function open(bytes: string): Promise<Socket> {
    const { hostname, port } = new URL(service.url);
    const client = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    client.on('error', () => undefined);
    clients.push(client);
    await once(client, 'connect');
    client.write(bytes);
    return client;
  }

  /** Resolves when the service has closed the connection, and knows it no more. */
  async function cutOff(client: Socket): Promise<void> {
    const { port } = client.address() as AddressInfo;
    const isOpen = (): boolean => ends.some((end) => end.remotePort === port && !end.destroyed);
    await eventually('the service has accepted it', () =>
      ends.some((end) => end.remotePort === port),
    );
    await eventually('the service has cut it off', () => !isOpen());
  }

  /** Reads to the end, sending `dribble` again and again meanwhile. */
  async function readToTheEnd(client: Socket, dribble: string): Promise<string> {
    let reply = '';
    client.on('data', (chunk: Buffer) => (reply += chunk.toString()));
    const dribbling = setInterval(() => dribble && client.write(dribble), 20);
    // Node's own default for a head is a minute.
    await once(client, 'end', { signal: AbortSignal.timeout(30_000) });
    clearInterval(dribbling);
    return reply;
  }

  it.each([
    ['never sends a byte', '', ''],
    ['stops within the head', 'GET /health/live HTTP/1.1\r\nHost: x\r\nX-', ''],
    ['sends its head a byte at a time', 'GET /health/live HTTP/1.1\r\nHost: x\r\nX: ', 'x'],
  ])('and %s is cut off when the time for a head is over', async (_, bytes, dribble) => {
    await start({ headMs: 300 });
    const client = await open(bytes);
    // What is said to a silent client would be taken for the reply to its next request.
    expect(await readToTheEnd(client, dribble)).toBe('');
    await cutOff(client);
  });

  it.each([
    ['stops within the body', ''],
    ['sends its body a byte at a time', ' '],
  ])('and %s is cut off when the time for a request is over', async (_, dribble) => {
    await start({ requestMs: 300, headMs: 300 });
    const head = 'POST /api/user/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
    const client = await open(`${head}Content-Length: 60000\r\n\r\n{`);
    expect(await readToTheEnd(client, dribble)).toBe('');
    await cutOff(client);
  });

  it('and asks for a long list but never reads is cut off', async () => {
    await start({ unreadMs: 300 });
    const customer = await service.customer();
    // Some 6 MB of JSON: more than the sockets between the two will hold.
    await giveOrders(service, customer, 60_000);
    const { authorization } = customer;
    const list = `GET /api/user/orders HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}`;
    const client = (await open(`${list}\r\n\r\n`)).pause();
    await cutOff(client);
    // The system keeps no megabytes for it: what its own side holds is all that it can still read.
    client.resume();
    await eventually('the client sees the end', () => client.readableEnded || client.destroyed);
    expect(client.bytesRead).toBeLessThan(1_000_000);
  });

  it('keeps its connection when it has been answered', async () => {
    await start({ headMs: 300, requestMs: 300, unreadMs: 300 });
    const kept = await open(REQUEST);
    await once(kept, 'data');
    await cutOff(await open(''));
    await cutOff(await open(REQUEST.slice(0, 20)));
    kept.write(REQUEST);
    const [again] = (await once(kept, 'data')) as [Buffer];
    expect(again.toString()).toMatch(/^HTTP\/1\.1 200 /);
  });
});
