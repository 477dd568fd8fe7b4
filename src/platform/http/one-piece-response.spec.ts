import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server, ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { OnePieceResponse } from './one-piece-response.js';

/**
 * Every way to end a response that Fastify or one of its plugins uses, and those that nobody
 * should.
 */
const ENDINGS: readonly (readonly [string, RequestListener])[] = [
  [
    'a body of ASCII',
    (_, response) =>
      void headed(response, '{"current":500.5}').end(
        '{"current":500.5}',
        null as never,
        null as never,
      ),
  ],
  ['a body in Cyrillic', (_, response) => void headed(response, 'Не найдено').end('Не найдено')],
  ['a body with an emoji', (_, response) => void headed(response, '🎁').end('🎁')],
  [
    'a long body',
    (_, response) => void headed(response, 'x'.repeat(300_000)).end('x'.repeat(300_000)),
  ],
  ['an empty body', (_, response) => void headed(response, '').end('')],
  ['no body', (_, response) => void headed(response, '').end(null, null as never, null as never)],
  ['a 204', (_, response) => void response.writeHead(204).end()],
  ['a 204 with a body all the same', (_, response) => void response.writeHead(204).end('none')],
  ['bytes', (_, response) => void headed(response, 'abc').end(Buffer.from([0xff, 0x80, 0x1f]))],
  ['an encoding', (_, response) => void headed(response, 'hex!').end('68657821', 'hex')],
  [
    'pieces',
    (_, response) => void (headed(response, 'one,two').write('one,'), response.end('two')),
  ],
  ['chunks', (_, response) => void (response.write('one,'), response.end('two'))],
  [
    'chunks of one',
    (_, response) => void response.writeHead(200, { 'transfer-encoding': 'chunked' }).end('one'),
  ],
  ['no head of its own', (_, response) => void response.end('implied')],
];

function headed(response: ServerResponse, body: string): ServerResponse {
  return response.writeHead(200, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  });
}

describe(OnePieceResponse.name, () => {
  const servers: Server[] = [];

  async function bytesOf(
    listener: RequestListener,
    Kind: typeof ServerResponse,
    requests: string,
  ): Promise<string> {
    const server = createServer({ ServerResponse: Kind }, (request, response) => {
      response.setHeader('date', 'now');
      listener(request, response);
    });
    servers.push(server.listen(0, '127.0.0.1'));
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const received: Buffer[] = [];
    socket.on('data', (data) => received.push(data)).end(requests);
    await once(socket, 'close');
    return Buffer.concat(received).toString('latin1');
  }

  afterEach(() => servers.splice(0).forEach((server) => server.close()));

  describe.each(ENDINGS)('with %s', (_, listener) => {
    it.each(['GET', 'HEAD'])(
      'answers %s with the bytes that Node sends, also to three requests at once',
      async (method) => {
        const request = `${method} / HTTP/1.1\r\nHost: a\r\n\r\n`;
        const requests =
          request.repeat(2) + request.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');
        const expected = await bytesOf(listener, ServerResponse, requests);
        expect(expected).toMatch(/^HTTP\/1\.1 20[04] /);
        await expect(bytesOf(listener, OnePieceResponse, requests)).resolves.toBe(expected);
      },
    );
  });

  it('calls back', async () => {
    let heard = false;
    const listener: RequestListener = (_, response) =>
      void headed(response, 'body').end('body', null as never, () => (heard = true));
    await bytesOf(
      listener,
      OnePieceResponse,
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );
    expect(heard).toBe(true);
  });

  it('hands its socket one string, and is finished', async () => {
    const written: unknown[] = [];
    let finished = false;
    const listener: RequestListener = (_, response) => {
      response.on('finish', () => (finished = true));
      if (response.socket) watch(response.socket, written);
      headed(response, 'body').end('body');
    };
    await bytesOf(
      listener,
      OnePieceResponse,
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );
    expect(written).toEqual([expect.stringMatching(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nbody$/)]);
    expect(finished).toBe(true);
  });
});

function watch(socket: Socket, written: unknown[]): void {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  socket.write = (...args: unknown[]) => {
    written.push(args[0]);
    return write(...args);
  };
}
