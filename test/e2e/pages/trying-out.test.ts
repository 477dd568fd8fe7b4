import { describe, expect, it } from '@jest/globals';
import { OrderNumber } from '../../../src/kernel/domain/order-number.js';
import { startSimulator } from '../../../src/simulator/index.js';
import { eventually } from '../../support/eventually.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { send } from '../../support/http/raw-http.js';
import { startTestService } from '../../support/http/test-service.js';

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
}

async function documentOf(url: string): Promise<Document> {
  return JSON.parse((await send(url, 'GET /docs-json')).text) as Document;
}

describe('GET /sandbox/order', () => {
  it('gives a number that earns points while the bundled simulator runs', async () => {
    const issued = [freshNumber(), freshNumber()];
    const service = await startTestService({
      sandbox: { issueOrderNumber: () => issued.shift() ?? '' },
    });
    try {
      const [first] = issued;
      const reply = await send(service.url, 'GET /sandbox/order');
      expect([reply.status, reply.headers['content-type'], reply.text]).toEqual([
        200,
        'text/plain; charset=utf-8',
        first,
      ]);
      expect(reply.headers['cache-control']).toBe('no-store');
      const second = await send(service.url, 'GET /sandbox/order');
      expect(OrderNumber.parse(second.text).value).not.toBe(first);
      const { paths } = await documentOf(service.url);
      expect(paths['/sandbox/order']?.['get']).toMatchObject({ security: [] });
    } finally {
      await service.stop();
    }
  });

  it('is unknown, to the document too, where the service uses another accrual system', async () => {
    const service = await startTestService();
    try {
      expect((await send(service.url, 'GET /sandbox/order')).status).toBe(404);
      expect((await documentOf(service.url)).paths).not.toHaveProperty('/sandbox/order');
    } finally {
      await service.stop();
    }
  });
});

describe('a simulator that runs alone', () => {
  it('awards points for the numbers that it gives out', async () => {
    const simulator = await startSimulator({ host: '127.0.0.1', port: 0, calculationMs: 30 });
    const settings = { cashback: { accrualAddress: simulator.url } };
    const service = await startTestService({ settings });
    try {
      const customer = await service.customer();
      const number = await (await fetch(`${simulator.url}/api/order`)).text();
      expect((await customer.upload(number)).status).toBe(202);
      await eventually('points arrive', async () => (await customer.balance()).current >= 100);
    } finally {
      await service.stop();
      await simulator.close();
    }
  });
});
