import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { answer, receiveOrder } from '../test/support/processes/child.js';

/** What every order earns in points: 5 % of 14 599.50, rounded to kopecks. */
const AWARD = 729.98;

/**
 * An accrual system that answers at once and costs next to nothing: what is measured is the
 * service, and Node's own HTTP server takes three times as much.
 */
await receiveOrder();
const server = createServer({ noDelay: true }, (socket) => {
  let rest = '';
  socket.setEncoding('latin1');
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: string) => {
    const requests = (rest + chunk).split('\r\n\r\n');
    rest = requests.pop() ?? '';
    socket.write(requests.map(reply).join(''), 'latin1');
  });
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
answer({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });

function reply(request: string): string {
  const number = /^GET \/api\/orders\/(\d+) /.exec(request)?.[1];
  if (number === undefined) return 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n';
  const body = `{"order":"${number}","status":"PROCESSED","accrual":${AWARD}}`;
  const head = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  return `HTTP/1.1 200 OK\r\n${head}${body}`;
}
