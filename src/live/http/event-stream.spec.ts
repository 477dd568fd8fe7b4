import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Cursor, Mark } from '../../journal/index.js';
import { EventStream } from './event-stream.js';

const PLACE = Cursor.from(Mark.before(0n, 0n));

describe(EventStream.name, () => {
  const cleanUps: (() => void)[] = [];

  afterEach(() => cleanUps.splice(0).forEach((cleanUp) => cleanUp()));

  /** A reply whose socket takes so many bytes before it asks the writer to wait. */
  async function replyWith(highWaterMark: number): Promise<EventStream> {
    const server = createServer({ highWaterMark });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const sent = get(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    sent.on('response', (reply: IncomingMessage) => reply.resume());
    sent.on('error', () => undefined);
    const [request, reply] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
    cleanUps.push(() => {
      sent.destroy();
      server.close();
    });
    return new EventStream(reply, request.socket, () => 'x'.repeat(200));
  }

  it.each([16_384, 65_536])('waits no longer than its reply with a limit of %i', async (limit) => {
    const stream = await replyWith(limit);
    for (let i = 0; i < 3; i++) {
      // 43 KB at once: below the one limit, and above the other.
      for (let event = 0; event < 200; event++) stream.remember(PLACE);
      await stream.drained();
    }
    expect(stream.isTooSlow).toBe(false);
  });

  it('is closed with its connection', async () => {
    const stream = await replyWith(65_536);
    expect(stream.isClosed).toBe(false);
    stream.cut();
    expect(stream.isClosed).toBe(true);
    await stream.drained();
  });
});
