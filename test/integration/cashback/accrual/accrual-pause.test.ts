import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freshNumber } from '../../../support/http/order-numbers.js';
import { eventually } from '../../../support/eventually.js';
import { processed } from '../../../support/fakes/scripted-accrual.js';
import { startTestService, type TestService } from '../../../support/http/test-service.js';

describe('a 429 of the accrual system', () => {
  let first: TestService;
  let second: TestService;

  beforeEach(async () => {
    const settings = { cashback: { tickMs: 20 } };
    first = await startTestService({ settings });
    second = await startTestService({ settings, database: first.database, accrual: first.accrual });
  });

  afterEach(async () => {
    await second.stop();
    await first.stop();
  });

  /**
   * Scripts the accrual system to reply 429 once, and with points afterwards. The function returned
   * tells when the 429 was sent.
   */
  function limitOnce(retryAfter: string, body = ''): () => number | undefined {
    let limitedAt: number | undefined;
    first.accrual.fallback = (request, response) => {
      const number = request.url?.replace('/api/orders/', '') ?? '';
      if (limitedAt !== undefined) return void response.end(processed(number, 1).body);
      limitedAt = Date.now();
      response.writeHead(429, { 'Retry-After': retryAfter }).end(body);
    };
    return () => limitedAt;
  }

  it('stops every replica until its pause is over, and spends no try', async () => {
    const limitedAt = limitOnce('4');
    const customer = await first.customer();
    const other = await second.customer();
    await customer.upload(freshNumber());
    await eventually('the 429 was sent', () => limitedAt() !== undefined);
    const from = limitedAt() ?? 0;
    // All along the pause, both replicas are given work.
    await eventually('the pause is nearly over', async () => {
      await customer.upload(freshNumber());
      await other.upload(freshNumber());
      return Date.now() > from + 3_500;
    });
    const [spent] = await first.database.query<{ tries: number | null }>(
      'SELECT max(tries) AS tries FROM gophermart.queue',
    );
    expect(spent?.tries).toBe(0);
    await eventually(
      'everything is credited',
      async () => (await first.database.query('SELECT 1 FROM gophermart.queue')).length === 0,
    );
    // Requests that were sent before the 429 was read arrive later, on a busy machine much later.
    const during = first.accrual.requests.filter(
      ({ at }) => at > from + 1_000 && at < from + 4_000,
    );
    expect(during).toEqual([]);
    const uploads = (await customer.orders()).length + (await other.orders()).length;
    expect((await customer.balance()).current + (await other.balance()).current).toBe(uploads);
    // One request for each order; a second one only for the order that met the 429.
    expect(
      first.accrual.requests.filter(({ at }) => at >= from + 4_000).length,
    ).toBeLessThanOrEqual(uploads);
  });

  it('has every replica keep to the limit that it names', async () => {
    // 600 a minute, 9 a second with the margin.
    const limitedAt = limitOnce('1', 'No more than 600 requests per minute allowed');
    const customer = await first.customer();
    const other = await second.customer();
    const numbers = Array.from({ length: 40 }, freshNumber);
    await customer.upload(numbers[0] ?? '');
    await eventually('the 429 was sent', () => limitedAt() !== undefined);
    await eventually('the limit is learnt', async () => {
      const [gate] = await first.database.query<{ rate_per_minute: number | null }>(
        'SELECT rate_per_minute FROM gophermart.accrual_gate',
      );
      return gate?.rate_per_minute === 540;
    });
    await Promise.all(
      numbers.slice(1).map((number, i) => (i % 2 === 0 ? customer : other).upload(number)),
    );
    await eventually(
      'everything is credited',
      async () => (await first.database.query('SELECT 1 FROM gophermart.queue')).length === 0,
    );
    const sent = first.accrual.requests.slice(1).map(({ at }) => at);
    for (const from of sent) {
      // The limit's part for two seconds, wherever they begin, and half as much again for those
      // that arrive late. Two replicas that count for themselves send twice as much.
      expect(sent.filter((at) => at >= from && at < from + 2_000).length).toBeLessThanOrEqual(
        10 * 3,
      );
    }
    expect((sent.at(-1) ?? 0) - (sent[0] ?? 0)).toBeGreaterThan(2_500);
  });
});
