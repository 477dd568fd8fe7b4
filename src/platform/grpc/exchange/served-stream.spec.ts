import { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { type ServerDuplexStream, status as STATUS } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { KERNEL_ERRORS } from '../../http/api-error.js';
import { RpcErrors } from '../rpc-errors.js';
import type { CommandsMessage, OutcomesMessage } from './messages.js';
import type { ReceivedBatch } from './received-batch.js';
import { MAX_BATCHES, ServedStream } from './served-stream.js';

type Call = ServerDuplexStream<CommandsMessage, OutcomesMessage>;

/** What the other end of a call sees of it. */
class FakeCall extends EventEmitter {
  readonly sent: OutcomesMessage[] = [];
  readonly #unread: (() => void)[] = [];
  isRead = true;
  hasEnded = false;
  status: unknown;

  constructor() {
    super();
    this.on('error', (status: unknown) => (this.status = status));
  }

  write(message: OutcomesMessage, sent?: () => void): void {
    this.sent.push(message);
    if (sent) this.#unread.push(sent);
    if (this.isRead) this.readAll();
  }

  readAll(): void {
    for (const each of this.#unread.splice(0)) each();
  }

  end(): void {
    this.hasEnded = true;
  }
}

/** A batch that waits for the test to store it. */
interface Begun {
  readonly batch: ReceivedBatch;
  readonly store: (outcomes: object) => void;
  readonly fail: (error: Error) => void;
}

describe(ServedStream.name, () => {
  let call: FakeCall;
  let stream: ServedStream;
  let begun: Begun[];

  const handle = (_: never, batch: ReceivedBatch): Promise<object> =>
    new Promise((store, fail) => begun.push({ batch, store, fail }));

  const receive = (...messages: object[]): void =>
    messages.forEach((message) => call.emit('data', message));

  const uploads = (number: number): object => ({ number, message: 'uploads', uploads: {} });
  const withdrawals = (number: number, timeoutMs = 0): object => ({
    number,
    timeoutMs,
    message: 'withdrawals',
    withdrawals: {},
  });
  const left = (number: number, ...places: number[]): object => ({
    number,
    message: 'left',
    left: { places },
  });

  const at = (place: number): Begun => {
    const found = begun[place];
    if (!found) throw new Error(`there is no batch ${place}`);
    return found;
  };

  const refused = (details: string, code = STATUS.INVALID_ARGUMENT): void =>
    expect(call.status).toEqual({ code, details });

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
    begun = [];
    call = new FakeCall();
    const handlers = new Map([
      ['uploads', handle],
      ['withdrawals', handle],
    ] as const);
    const errors = new RpcErrors(KERNEL_ERRORS, () => undefined);
    stream = new ServedStream(call as unknown as Call, handlers, errors);
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('answers each batch under its number as soon as it is stored', async () => {
    receive(uploads(1), withdrawals(5));
    at(1).store({ outcomes: ['b'] });
    await turn();
    at(0).store({ outcomes: ['a'] });
    await turn();
    expect(call.sent).toEqual([
      { number: 5, withdrawals: { outcomes: ['b'] } },
      { number: 1, uploads: { outcomes: ['a'] } },
    ]);
  });

  it('refuses the batch that fails, and no other', async () => {
    receive(uploads(1), uploads(2));
    at(0).fail(new TypeError('a fault of ours'));
    at(1).store({});
    await turn();
    expect(call.sent).toMatchObject([
      { number: 1, refusal: { kind: 'REFUSAL_KIND_INTERNAL' } },
      { number: 2, uploads: {} },
    ]);
    expect(call.status).toBeUndefined();
  });

  it('asks who has left, and hears it in the order of the questions', async () => {
    receive(withdrawals(1), withdrawals(2));
    const answers = [at(0), at(1), at(0)].map(({ batch }) => batch.whoHasLeft());
    expect(call.sent).toEqual([1, 2, 1].map((number) => ({ number, whoHasLeft: {} })));
    receive(left(2), left(1, 0), left(1, 0, 3));
    await expect(Promise.all(answers)).resolves.toEqual([[0], [], [0, 3]]);
  });

  it('takes nobody to be there where no answer comes in time, and lets it come late', async () => {
    receive(withdrawals(1), withdrawals(2));
    const silent = at(0).batch.whoHasLeft();
    jest.advanceTimersByTime(999);
    expect(at(0).batch.failure).toBeUndefined();
    jest.advanceTimersByTime(1);
    await expect(silent).rejects.toThrow('nobody has answered who has left');
    receive(left(1));
    at(0).store({ outcomes: ['none was charged'] });
    at(1).store({});
    await turn();
    receive(left(1));
    expect(call.sent.slice(1)).toMatchObject([
      { number: 1, refusal: { kind: 'REFUSAL_KIND_UNAVAILABLE' } },
      { number: 2, withdrawals: {} },
    ]);
    expect(call.status).toBeUndefined();
  });

  it('knows when a batch was given up, and when its time is over', async () => {
    receive(withdrawals(1), withdrawals(2, 100), withdrawals(3));
    const asked = at(0).batch.whoHasLeft();
    receive({ number: 1, message: 'givenUp', givenUp: {} });
    await expect(asked).rejects.toThrow();
    jest.advanceTimersByTime(101);
    await expect(at(1).batch.whoHasLeft()).rejects.toThrow('not stored within its time');
    expect(begun.map(({ batch }) => batch.failure === undefined)).toEqual([false, false, true]);
  });

  it.each(['cancelled', 'error'])('has nobody to answer after %s', async (end) => {
    receive(withdrawals(1));
    const asked = at(0).batch.whoHasLeft();
    call.emit(end, {});
    await expect(asked).rejects.toThrow();
    at(0).store({});
    await turn();
    receive(uploads(2));
    stream.close();
    expect(call.sent).toEqual([{ number: 1, whoHasLeft: {} }]);
    expect(begun).toHaveLength(1);
  });

  it('tells that it closes, and answers what still comes before it ends', async () => {
    receive(uploads(1));
    stream.close();
    receive(uploads(2));
    call.emit('end');
    at(0).store({});
    await turn();
    expect(call.hasEnded).toBe(false);
    at(1).store({});
    await turn();
    expect(call.sent.map((message) => Object.keys(message)[1])).toEqual([
      'closing',
      'uploads',
      'uploads',
    ]);
    expect(call.hasEnded).toBe(true);
  });

  it('charges nobody who cannot be asked because the sender has ended the stream', async () => {
    receive(withdrawals(1), withdrawals(2));
    const asked = at(0).batch.whoHasLeft();
    call.emit('end');
    await expect(asked).rejects.toThrow('a stream ended before its questions');
    await expect(at(1).batch.whoHasLeft()).rejects.toThrow('a stream ended before its questions');
    begun.forEach(({ store }) => store({}));
    await turn();
    expect(call.sent.slice(1)).toMatchObject([
      { number: 1, refusal: { kind: 'REFUSAL_KIND_MALFORMED' } },
      { number: 2, refusal: { kind: 'REFUSAL_KIND_MALFORMED' } },
    ]);
  });

  it('takes so many batches at once, those with unread outcomes among them', async () => {
    call.isRead = false;
    for (let number = 1; number <= MAX_BATCHES; number++) receive(uploads(number));
    at(0).store({});
    await turn();
    call.readAll();
    receive(uploads(MAX_BATCHES + 1));
    expect(call.status).toBeUndefined();
    at(1).store({});
    await turn();
    receive(uploads(MAX_BATCHES + 2));
    refused(`at most ${MAX_BATCHES} batches at once`, STATUS.RESOURCE_EXHAUSTED);
    expect(begun.slice(1).every(({ batch }) => batch.failure)).toBe(true);
  });

  it.each([
    ['a batch without a number', [uploads(0)], 'the number of a batch must be above 0'],
    ['a number that was there', [uploads(3), uploads(3)], 'the number of a batch must be above 3'],
    ['an answer about no batch', [uploads(1), left(2)], 'no batch has had the number 2'],
    ['an answer to no question', [uploads(1), left(1)], 'nothing was asked about the batch 1'],
    ['nothing', [{ number: 0 }], 'a message was neither a batch nor about one'],
  ])('ends at %s', (_, messages, details) => {
    receive(...messages);
    refused(details);
    expect(begun.every(({ batch }) => batch.failure)).toBe(true);
  });

  it('ends at a kind of batch that is not served', () => {
    call = new FakeCall();
    const errors = new RpcErrors(KERNEL_ERRORS, () => undefined);
    stream = new ServedStream(call as unknown as Call, new Map([['uploads', handle]]), errors);
    receive(withdrawals(1));
    refused('no withdrawals are taken here');
  });
});
