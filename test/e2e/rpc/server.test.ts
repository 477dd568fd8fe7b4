import { on, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type Client,
  credentials,
  type GrpcObject,
  loadPackageDefinition,
  makeClientConstructor,
  Metadata,
  type ServiceClientConstructor,
  type ServiceError,
  status as STATUS,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath as HEALTH_PROTO } from 'grpc-health-check';
import { Readiness } from '../../../src/platform/observability/readiness.js';
import { RpcServer } from '../../../src/platform/grpc/rpc-server.js';
import { UuidV7Ids } from '../../../src/platform/system.js';
import { lockWaits } from '../../support/database/test-database.js';
import { eventually } from '../../support/eventually.js';
import { readClaims } from '../../support/http/forged-token.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { RPC_SECRET, RpcClient } from '../../support/http/rpc-client.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

const ids = new UuidV7Ids();

/** Made for tests, of a key that everybody may know. */
const TLS = join(import.meta.dirname, '../../support/http/tls');
const [certificate, key] = ['localhost.pem', 'localhost-key.pem'].map((name) =>
  readFileSync(join(TLS, name)),
);
const AT = { host: '127.0.0.1', port: 0 };

const shown = new Metadata();
shown.set('authorization', `Bearer ${RPC_SECRET}`);

describe('the gRPC server', () => {
  let service: TestService;

  const start = async (rpc: object = {}, settings: object = {}): Promise<number> => {
    service = await startTestService({
      settings: { rpc: { address: AT, secret: RPC_SECRET, ...rpc }, ...settings },
    });
    return service.app.get(RpcServer, { strict: false }).port;
  };

  afterEach(() => service.stop());

  const health = (port: number): Client => {
    const { grpc } = loadPackageDefinition(loadSync(HEALTH_PROTO, { enums: String }));
    const { v1 } = (grpc as GrpcObject)['health'] as GrpcObject;
    const Health = (v1 as GrpcObject)['Health'] as ServiceClientConstructor;
    return new Health(`127.0.0.1:${port}`, credentials.createInsecure());
  };

  const check = (client: Client, metadata: Metadata): Promise<unknown> =>
    new Promise((resolve, reject) =>
      (client as unknown as Record<string, (...given: unknown[]) => void>)['Check']?.(
        { service: '' },
        metadata,
        (error: ServiceError | null, answer: unknown) => (error ? reject(error) : resolve(answer)),
      ),
    );

  it('tells who shows the secret whether it wants calls', async () => {
    const client = health(await start());
    await expect(check(client, shown)).resolves.toEqual({ status: 'SERVING' });
    await expect(check(client, new Metadata())).rejects.toMatchObject({
      code: STATUS.UNAUTHENTICATED,
    });
    service.app.get(Readiness).beginStop();
    await eventually('unready', async () =>
      JSON.stringify(await check(client, shown)).includes('NOT_SERVING'),
    );
    client.close();
  });

  it.each([
    ['development', true],
    ['production', false],
  ])('in %s lets tools ask what it serves: %j', async (environment, isReflected) => {
    const port = await start({}, { process: { environment } });
    const Reflection = makeClientConstructor({}, 'grpc.reflection.v1.ServerReflection');
    const client = new Reflection(`127.0.0.1:${port}`, credentials.createInsecure());
    // list_services: "" is field 7, and its text is empty.
    const stream = client.makeBidiStreamRequest(
      '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
      (request: Buffer) => request,
      (answer: Buffer) => answer.toString('latin1'),
      shown,
    );
    stream.write(Buffer.from([0x3a, 0x00]));
    if (isReflected) {
      const [answer] = (await once(stream, 'data')) as [string];
      for (const name of ['Users', 'OrderCommands', 'AccountQueries'])
        expect(answer).toContain(`gophermart.v1.${name}`);
      stream.end();
    } else {
      await expect(once(stream, 'data')).rejects.toMatchObject({ code: STATUS.UNIMPLEMENTED });
    }
    client.close();
  });

  it('listens on every interface where no host is named', async () => {
    const port = await start({ address: { host: '::', port: 0 } });
    const [outside] = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .filter(({ family, internal }) => family === 'IPv4' && !internal);
    const host = outside?.address ?? '127.0.0.1';
    const client = RpcClient.at(`${host}:${port}`, 'users.proto/Users');
    await expect(client.call('KnowUsers', { userIds: [] })).resolves.toEqual({});
    client.close();
  });

  it('speaks TLS with the certificate that it is given', async () => {
    const port = await start({ certificate, key });
    const trusting = RpcClient.of(port, 'users.proto/Users', credentials.createSsl(certificate));
    await expect(trusting.call('KnowUsers', { userIds: [ids.next()] })).resolves.toEqual({
      states: [{ known: false }],
    });
    const plain = RpcClient.of(port, 'users.proto/Users');
    await expect(plain.call('KnowUsers', { userIds: [] })).rejects.toMatchObject({
      code: STATUS.UNAVAILABLE,
    });
    trusting.close();
    plain.close();
  });

  it('charges nothing for a call that is cancelled while it waits for the account', async () => {
    const port = await start({}, { cashback: { tickMs: 20 } });
    const customer = await service.customerWith('5');
    const userId = readClaims(customer.authorization).sub;
    const client = RpcClient.of(port, 'account.proto/AccountCommands');
    await service.database.query('BEGIN');
    await service.database.query(
      `SELECT FROM gophermart.accounts WHERE user_id = '${userId}' FOR UPDATE`,
    );
    const deadline = Date.now() + 700;
    const withdrawals = [{ id: ids.next(), userId, order: freshNumber(), sum: '1' }];
    const call = client.call('WithdrawPoints', { withdrawals }, { deadline });
    await expect(call).rejects.toMatchObject({ code: STATUS.DEADLINE_EXCEEDED });
    // The server counts from when the call came.
    await eventually('over for the server, too', () => Date.now() > deadline + 1_500);
    await service.database.query('COMMIT');
    await eventually('over', async () => (await lockWaits(service.database)) === 0);
    // It would take the same lock.
    expect((await customer.withdraw(freshNumber(), '5')).status).toBe(200);
    expect(await customer.balance()).toEqual({ current: 0, withdrawn: 5 });
    client.close();
  });

  it('answers the batches of a stream before it stops, and has no more sent by it', async () => {
    const port = await start({}, { cashback: { tickMs: 20 } });
    const customer = await service.customerWith('5');
    const userId = readClaims(customer.authorization).sub;
    const client = RpcClient.of(port, 'commands.proto/Commands');
    const stream = client.dialog<object, { readonly number: number }>('Exchange');
    const received = on(stream, 'data', { close: ['end'] });
    const next = async (): Promise<object> =>
      ((await received.next()) as { readonly value: [object] }).value[0];
    const withdrawals = [{ id: ids.next(), userId, order: freshNumber(), sum: '1' }];
    stream.write({ number: 1, withdrawals: { withdrawals } });
    expect(await next()).toMatchObject({ number: 1, whoHasLeft: {} });
    const stopped = service.app.get(RpcServer, { strict: false }).beforeApplicationShutdown();
    expect(await next()).toMatchObject({ closing: {} });
    stream.write({ number: 1, left: { places: [] } });
    expect(await next()).toMatchObject({
      number: 1,
      withdrawals: { outcomes: [{ outcome: 'withdrawn' }] },
    });
    const over = once(stream, 'status');
    stream.end();
    expect(await over).toMatchObject([{ code: STATUS.OK }]);
    await stopped;
    client.close();
  });
});
