import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Customer } from '../../support/http/customer.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { type RawReply, send } from '../../support/http/raw-http.js';
import { detailOf, expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

interface Entry {
  readonly id: string;
  readonly kind: string;
  readonly order?: string;
  readonly amount: number;
  readonly balance_after: number;
  readonly at: string;
}

describe('the history', () => {
  let service: TestService;
  let customer: Customer;
  let earned: string;
  const spent = freshNumber();

  beforeAll(async () => {
    service = await startTestService({ settings: { cashback: { tickMs: 20 } } });
    customer = await service.customer();
    earned = await customer.earn('729.98', service.accrual);
    await customer.withdraw(spent, '29.98');
    await customer.withdraw(freshNumber(), '100');
  });

  afterAll(() => service.stop());

  const get = (path: string, headers: object = {}, who = customer): Promise<RawReply> =>
    send(service.url, `GET /api/user/${path}`, {
      headers: { authorization: who.authorization, ...headers },
    });

  const history = async (): Promise<Entry[]> =>
    JSON.parse((await get('balance/history')).text) as Entry[];

  describe('of a balance', () => {
    it('has every entry, newest first, with its sign', async () => {
      const uuid = expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
      const at = expect.stringMatching(/^\d{4}-.*Z$/);
      const withdrawal = { id: uuid, kind: 'WITHDRAWAL', at };
      expect(await history()).toEqual([
        { ...withdrawal, order: expect.any(String), amount: -100, balance_after: 600 },
        { ...withdrawal, order: spent, amount: -29.98, balance_after: 700 },
        { id: uuid, kind: 'ACCRUAL', order: earned, amount: 729.98, balance_after: 729.98, at },
      ]);
    });

    it('is 204 where nothing happened', async () => {
      const fresh = await service.customer();
      for (const accept of ['*/*', 'text/csv']) {
        const { status, text } = await get('balance/history', { accept }, fresh);
        expect([status, text]).toEqual([204, '']);
      }
    });

    it('tells the balance as of then', async () => {
      let withdrawn = 129.98;
      for (const { at, balance_after, amount } of await history()) {
        const { text } = await get(`balance?at=${at}`);
        expect(JSON.parse(text)).toEqual({ current: balance_after, withdrawn });
        withdrawn = Math.round((withdrawn + Math.min(amount, 0)) * 100) / 100;
      }
      expect((await get('balance?at=2020-01-01T03:00:00%2B03:00')).text).toBe(
        '{"current":0,"withdrawn":0}',
      );
    });

    it.each(['at=2100-01-01T00:00:00Z', 'at=now', 'at=', 'at=2026-01-01T00:00:00', 'at=1&at=2'])(
      'tells none for %s',
      async (query) => {
        const reply = await get(`balance?${query}`);
        expectRefusal(reply, REFUSALS.badRequest);
        expect(detailOf(reply)).toMatch(/^at /);
      },
    );

    it('comes as CSV to whom prefers that', async () => {
      const entries = await history();
      const csv = await get('balance/history', { accept: 'text/csv' });
      expect([csv.status, csv.headers['content-type'], csv.headers['content-disposition']]).toEqual(
        [
          200,
          'text/csv; charset=utf-8; header=present',
          'attachment; filename="balance-history.csv"',
        ],
      );
      expect(csv.text).toBe(
        [
          'id,kind,order,amount,balance_after,at,reason',
          ...entries.map(({ id, kind, order, amount, balance_after, at }) =>
            [id, kind, order, amount, balance_after, at, ''].join(),
          ),
          '',
        ].join('\r\n'),
      );
      const page = await get('balance/history?limit=1&kind=ACCRUAL', { accept: 'text/csv' });
      expect(page.text.split('\r\n')).toHaveLength(3);
      expect((await get('balance/history?limit=1', { accept: 'text/csv' })).headers).toHaveProperty(
        'link',
      );
    });

    it.each([
      ['text/csv', true],
      ['text/*', true],
      ['text/csv;q=0.9, application/json;q=0.8', true],
      ['application/json;q=0.8, text/csv;q=0.9', true],
      ['text/html, text/csv;q=0.1', true],
      ['application/json, text/csv', false],
      ['text/csv;q=0, */*', false],
      ['*/*', false],
      ['text/html,application/xhtml+xml,*/*;q=0.8', false],
      ['image/png', false],
      ['nonsense', false],
    ])('to who accepts %s', async (accept, isCsv) => {
      const { headers } = await get('balance/history', { accept });
      expect(headers['content-type']).toMatch(isCsv ? /^text\/csv/ : /^application\/json/);
      expect(headers['vary']).toMatch(/\baccept\b/i);
    });
  });

  describe('of an order', () => {
    it('has its steps, oldest first', async () => {
      const reply = await get(`orders/${earned}`);
      const { history: steps, ...line } = JSON.parse(reply.text) as {
        history: { status: string; at: string }[];
      };
      expect([line]).toEqual(JSON.parse((await get('orders')).text));
      expect(steps.map(({ status }) => status)).toEqual(
        steps.length === 2 ? ['NEW', 'PROCESSED'] : ['NEW', 'PROCESSING', 'PROCESSED'],
      );
      expect(steps.map(({ at }) => at)).toEqual(steps.map(({ at }) => at).sort());
    });

    it('is there for numbers of a thousand digits, however they are written', async () => {
      const number = `${'0'.repeat(998)}18`;
      expect((await customer.upload(number)).status).toBe(202);
      for (const written of [number, number.replaceAll('0', '%30')])
        expect((await get(`orders/${written}`)).text).toContain(`{"number":"${number}"`);
    });

    it.each(['', 'x', '12', '1'.repeat(1_001), '%20', '%00', '18%2018', '18/19'])(
      'is 404 for %s',
      async (number) => {
        const reply = await get(`orders/${number}`);
        expectRefusal(reply, REFUSALS.notFound);
      },
    );

    it('is the same 404 for what somebody else owns and for what nobody does', async () => {
      const other = await service.customer();
      const replies = [await get(`orders/${earned}`, {}, other), await get('orders/26', {}, other)];
      for (const reply of replies) expectRefusal(reply, REFUSALS.notFound);
      expect(replies[0]?.text).toBe(replies[1]?.text);
    });

    it('is only to be read', async () => {
      const reply = await send(service.url, `DELETE /api/user/orders/${earned}`, {
        headers: { authorization: customer.authorization },
      });
      expectRefusal(reply, REFUSALS.methodNotAllowed);
    });
  });
});
