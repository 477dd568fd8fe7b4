import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BrokerServer } from '../support/broker/broker-server.js';
import { Listener } from '../support/broker/listener.js';
import { eventually } from '../support/eventually.js';
import { TcpProxy } from '../support/http/tcp-proxy.js';
import { startTestService, type TestService } from '../support/http/test-service.js';

describe('a broker that is away', () => {
  let broker: BrokerServer;
  let proxy: TcpProxy;
  let service: TestService;
  let listener: Listener;

  beforeAll(async () => {
    broker = await BrokerServer.start();
  });

  beforeEach(async () => {
    proxy = await TcpProxy.start(broker.uri);
    listener = await (await Listener.bind(broker.uri, '#', { 'x-expires': 600_000 })).listen();
  });

  afterEach(async () => {
    await service.stop();
    await listener.close();
    await proxy.stop();
  });

  afterAll(() => broker.stop());

  const start = async (): Promise<void> => {
    service = await startTestService({
      settings: { amqp: { uri: `${proxy.uri}?heartbeat=1` } },
    });
  };

  const registered = (count: number): Promise<void> =>
    eventually(`${count} registered`, () => {
      const ids = new Set(listener.ofType('user_registered').map(({ id }) => id));
      return ids.size === count;
    });

  it('at the start holds nobody up, and gets everything when it comes', async () => {
    proxy.goDown();
    await start();
    await service.customer();
    await service.customer();
    proxy.comeBack();
    await registered(2);
  });

  it('and comes back gets what happened meanwhile', async () => {
    await start();
    await service.customer();
    await registered(1);
    proxy.goDown();
    await service.customer();
    expect((await fetch(`${service.url}/health/ready`)).status).toBe(200);
    proxy.comeBack();
    await registered(2);
  });

  it('without a word is noticed by its silence', async () => {
    await start();
    await service.customer();
    await registered(1);
    proxy.fallSilent();
    await service.customer();
    proxy.comeBack();
    await registered(2);
  });

  it('and lost the answer gets events twice, and none too few', async () => {
    await start();
    await service.customer();
    await registered(1);
    for (let i = 0; i < 5; i++) {
      const customers = Promise.all([service.customer(), service.customer()]);
      proxy.breakAll();
      await customers;
    }
    await registered(11);
  });

  it('and is short of memory holds nobody up', async () => {
    await start();
    await service.customer();
    await registered(1);
    await broker.control('set_vm_memory_high_watermark', '0.0001');
    await service.customer();
    await service.customer();
    await broker.control('set_vm_memory_high_watermark', '0.4');
    await registered(3);
  });
});
