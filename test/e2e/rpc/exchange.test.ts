import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ClientDuplexStream, status as STATUS } from '@grpc/grpc-js';
import { UuidV7Ids } from '../../../src/platform/system.js';
import { RpcServer } from '../../../src/platform/grpc/rpc-server.js';
import { lockWaits } from '../../support/database/test-database.js';
import { eventually } from '../../support/eventually.js';
import type { Customer } from '../../support/http/customer.js';
import { readClaims } from '../../support/http/forged-token.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { RPC_SECRET, RpcClient } from '../../support/http/rpc-client.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

const ids = new UuidV7Ids();

type Stream = ClientDuplexStream<object, Message>;
type Points = Awaited<ReturnType<Customer['balance']>>;

interface Message {
  readonly number: number;
  readonly whoHasLeft?: object;
  readonly uploads?: { readonly outcomes: readonly object[] };
  readonly withdrawals?: { readonly outcomes: readonly object[] };
}

describe('a stream of batches, about which billing asks who has left', () => {
  let service: TestService;
  let commands: RpcClient;
  let customer: Customer;
  let stream: Stream;

  const withdrawals = (count: number): object => ({
    withdrawals: {
      withdrawals: Array.from({ length: count }, () => ({
        id: ids.next(),
        userId: readClaims(customer.authorization).sub,
        order: freshNumber(),
        sum: '1',
      })),
    },
  });

  const uploads = (count: number): object => ({
    uploads: {
      uploads: Array.from({ length: count }, () => ({
        id: ids.next(),
        userId: readClaims(customer.authorization).sub,
        number: freshNumber(),
      })),
    },
  });

  /** Answers every question so; resolves with the first message that is none. */
  const converse = async (...left: number[]): Promise<Message> => {
    for (;;) {
      const [message] = (await once(stream, 'data')) as [Message];
      if (!message.whoHasLeft) return message;
      stream.write({ number: message.number, left: { places: left } });
    }
  };

  const failure = async (): Promise<unknown> => {
    const [error] = (await once(stream, 'error')) as [unknown];
    return error;
  };

  const lockAll = async (): Promise<() => Promise<unknown>> => {
    await service.database.query('BEGIN');
    await service.database.query('LOCK gophermart.accounts IN EXCLUSIVE MODE');
    return () => service.database.query('COMMIT');
  };

  /** It takes the same lock, so all before it is through. */
  const expectNothingCharged = async ({ current, withdrawn }: Points): Promise<void> => {
    expect((await customer.withdraw(freshNumber(), '0.5')).status).toBe(200);
    const after = { current: current - 0.5, withdrawn: withdrawn + 0.5 };
    expect(await customer.balance()).toEqual(after);
  };

  beforeAll(async () => {
    service = await startTestService({
      settings: {
        cashback: { tickMs: 20 },
        rpc: { address: { host: '127.0.0.1', port: 0 }, secret: RPC_SECRET },
      },
    });
    const { port } = service.app.get(RpcServer, { strict: false });
    commands = RpcClient.of(port, 'commands.proto/Commands');
    customer = await service.customerWith('20');
  });

  beforeEach(() => {
    stream = commands.dialog<object, Message>('Exchange');
    stream.on('error', () => undefined);
  });

  afterEach(() => stream.cancel());

  afterAll(async () => {
    commands.close();
    await service.stop();
  });

  it('charges those who are there, batch by batch', async () => {
    const before = await customer.balance();
    for (const number of [1, 2]) {
      stream.write({ number, ...withdrawals(2) });
      expect(await converse()).toMatchObject({
        number,
        withdrawals: { outcomes: [{ outcome: 'withdrawn' }, { outcome: 'withdrawn' }] },
      });
    }
    stream.end();
    const [status] = (await once(stream, 'status')) as [object];
    expect(status).toMatchObject({ code: STATUS.OK });
    const { current, withdrawn } = before;
    expect(await customer.balance()).toEqual({ current: current - 4, withdrawn: withdrawn + 4 });
  });

  it('charges nobody who has left, and all others', async () => {
    const before = await customer.balance();
    stream.write({ number: 1, ...withdrawals(3) });
    const { withdrawals: reply } = await converse(1);
    expect(reply?.outcomes).toMatchObject([
      { outcome: 'withdrawn' },
      { refusal: { kind: 'REFUSAL_KIND_MALFORMED', error: 'ErrBadRequest' } },
      { outcome: 'withdrawn' },
    ]);
    const { current, withdrawn } = before;
    expect(await customer.balance()).toEqual({ current: current - 2, withdrawn: withdrawn + 2 });
  });

  it('stores uploads that came together in one batch', async () => {
    stream.write({ number: 7, ...uploads(60) });
    const { number, uploads: reply } = await converse();
    expect(number).toBe(7);
    expect(reply?.outcomes).toHaveLength(60);
    const outcome = { outcome: 'result', result: 'UPLOAD_RESULT_ACCEPTED' };
    expect(reply?.outcomes).toEqual(Array.from({ length: 60 }, () => outcome));
  });

  it('refuses a batch of a client that is silent, and takes its next one', async () => {
    const before = await customer.balance();
    stream.write({ number: 1, ...withdrawals(1) });
    await once(stream, 'data');
    const [refused] = (await once(stream, 'data')) as [Message];
    expect(refused).toMatchObject({
      number: 1,
      refusal: { kind: 'REFUSAL_KIND_UNAVAILABLE', error: 'ErrUnavailable' },
    });
    stream.write({ number: 2, ...uploads(1) });
    expect(await converse()).toMatchObject({ number: 2, uploads: {} });
    await expectNothingCharged(before);
  });

  it.each<[string, object | undefined]>([
    ['is gone', undefined],
    ['gives it up', { number: 1, givenUp: {} }],
    ['begins again with its number', { number: 1, uploads: {} }],
  ])('charges nobody of a client that %s', async (_, message) => {
    const before = await customer.balance();
    stream.write({ number: 1, ...withdrawals(1) });
    await once(stream, 'data');
    if (message) stream.write(message);
    else stream.cancel();
    await expectNothingCharged(before);
  });

  it('charges nobody of a client that ends before the question', async () => {
    const before = await customer.balance();
    stream.write({ number: 1, ...withdrawals(1) });
    await once(stream, 'data');
    stream.end();
    expect(await converse()).toMatchObject({
      number: 1,
      refusal: { kind: 'REFUSAL_KIND_MALFORMED', error: 'ErrBadRequest' },
    });
    await expectNothingCharged(before);
  });

  it('charges nobody after the time that a batch was given', async () => {
    const before = await customer.balance();
    const release = await lockAll();
    stream.write({ number: 1, timeoutMs: 50, ...withdrawals(1) });
    await eventually('it waits', async () => (await lockWaits(service.database)) > 0);
    const sent = Date.now();
    await eventually('its time is over', () => Date.now() > sent + 50);
    await release();
    expect(await converse()).toMatchObject({
      number: 1,
      refusal: { kind: 'REFUSAL_KIND_UNAVAILABLE' },
    });
    await expectNothingCharged(before);
  });

  it('refuses a batch with too many commands, and no other', async () => {
    stream.write({ number: 1, ...withdrawals(1_001) });
    stream.write({ number: 2, ...uploads(1) });
    const answers = [await converse(), await converse()];
    expect(answers.sort((a, b) => a.number - b.number)).toMatchObject([
      { refusal: { detail: 'a call takes at most 1000 of them' } },
      { uploads: {} },
    ]);
  });

  it.each([
    ['no number', { uploads: {} }, 'the number of a batch must be above 0'],
    ['nothing in it', {}, 'a message was neither a batch nor about one'],
    ['an answer', { number: 1, left: {} }, 'no batch has had the number 1'],
  ])('ends at a message with %s', async (_, message, details) => {
    stream.write(message);
    expect(await failure()).toMatchObject({ code: STATUS.INVALID_ARGUMENT, details });
  });

  it('takes so many batches at once and so large a message, and no more', async () => {
    const release = await lockAll();
    for (let number = 1; number <= 33; number++) stream.write({ number, ...withdrawals(1) });
    expect(await failure()).toMatchObject({
      code: STATUS.RESOURCE_EXHAUSTED,
      details: 'at most 32 batches at once',
    });
    await release();
    const large = commands.dialog<object, Message>('Exchange');
    large.write({ number: 1, uploads: { uploads: [{ number: '1'.repeat(5_000_000) }] } });
    await expect(once(large, 'data')).rejects.toMatchObject({ code: STATUS.RESOURCE_EXHAUSTED });
  });
});
