import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WholeResponse } from './whole-response.js';

describe(WholeResponse.name, () => {
  let server: Server;
  let answer: (response: WholeResponse) => void;
  /** What the socket was given for the last response. */
  let pieces: string[];

  beforeEach(async () => {
    server = createServer({ ServerResponse: WholeResponse }, (_request, response) => {
      pieces = [];
      const { socket } = response;
      if (!socket) throw new Error('the socket is gone');
      const write = socket.write.bind(socket) as (...given: unknown[]) => boolean;
      socket.write = (...given: unknown[]): boolean => {
        pieces.push(String(given[0]));
        return write(...given);
      };
      answer(response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const ask = (method = 'GET'): Promise<string> =>
    new Promise((resolve, reject) => {
      const { port } = server.address() as AddressInfo;
      const asked = request({ host: '127.0.0.1', port, method }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.on('end', () => resolve(`${response.statusCode} ${body}`)).on('error', reject);
      });
      asked.on('error', reject).end();
    });

  it('hands head and body over in one piece', async () => {
    answer = (response) => response.writeHead(200, { 'content-length': 6 }).end('баг');
    await expect(ask()).resolves.toBe('200 баг');
    expect(pieces).toEqual([expect.stringMatching(/^HTTP\/1\.1 200 OK\r\n[^]+\r\n\r\nбаг$/)]);
  });

  it('calls back once it has ended', async () => {
    const ended = new Promise<boolean>((resolve) => {
      answer = (response) => response.writeHead(200, { 'content-length': 1 }).end('x', () => resolve(response.writableFinished));
    });
    await ask();
    await expect(ended).resolves.toBe(true);
  });

  it('keeps to the encoding it was given', async () => {
    answer = (response) => response.writeHead(200, { 'content-length': 2 }).end('6869', 'hex');
    await expect(ask()).resolves.toBe('200 hi');
  });

  it.each<[string, (response: WholeResponse) => void, string]>([
    ['a body whose head is still to be made', (response) => response.end('body'), '200 body'],
    ['a body of bytes', (response) => response.writeHead(200).end(Buffer.from('bytes')), '200 bytes'],
    ['no body', (response) => response.writeHead(204).end(), '204 '],
  ])('leaves to Node what is otherwise: %s', async (_name, otherwise, expected) => {
    answer = otherwise;
    await expect(ask()).resolves.toBe(expected);
  });

  it('sends no body in reply to HEAD', async () => {
    answer = (response) => response.writeHead(200, { 'content-length': 4 }).end('body');
    await expect(ask('HEAD')).resolves.toBe('200 ');
    expect(pieces.join('')).not.toContain('body');
  });
});
