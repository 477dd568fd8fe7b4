import type { Member } from '../requests/headers.js';
import type { Sample } from './mutations/sample.js';

/**
 * Requests that have the same status however often they are sent.
 *
 * @param number of an order that the member has uploaded, and paid with a sum of 1.
 */
export function samplesOf({ token }: Member, number: string): Sample[] {
  const request = (
    status: number,
    line: string,
    body = '',
    type = 'application/json',
    authorization = `Bearer ${token}`,
  ): Sample => {
    const framing =
      body === '' ? [] : [`Content-Type: ${type}`, `Content-Length: ${Buffer.byteLength(body)}`];
    const head = [
      `${line} HTTP/1.1`,
      'Host: 127.0.0.1',
      `Authorization: ${authorization}`,
      ...framing,
      '',
      '',
    ];
    return { status, head: head.join('\r\n'), body: Buffer.from(body) };
  };
  return [
    request(200, 'GET /api/user/balance'),
    request(200, 'GET /api/user/orders'),
    request(200, 'GET /api/user/withdrawals'),
    request(200, 'GET /health/live'),
    request(404, 'GET /nothing'),
    request(401, 'GET /api/user/orders', '', '', 'Bearer x'),
    request(405, 'DELETE /api/user/orders'),
    request(200, 'POST /api/user/orders', number, 'text/plain'),
    request(200, 'POST /api/user/orders', `{"number":"${number}"}`),
    request(200, 'POST /api/user/balance/withdraw', `{"order":"${number}","sum":1.00}`),
    request(409, 'POST /api/user/balance/withdraw', `{"order":"${number}","sum":2}`),
    request(422, 'POST /api/user/balance/withdraw', `{"order":"${number}","sum":0}`),
    request(400, 'POST /api/user/login', '{"login":'),
    request(400, 'POST /api/user/register', '{}'),
  ];
}
