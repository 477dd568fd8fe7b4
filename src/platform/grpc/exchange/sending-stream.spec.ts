import { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { type ClientDuplexStream, Metadata, status as STATUS } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DatabaseUnavailable } from '../../../kernel/application/persistence-errors.js';
import type { CommandsMessage, OutcomesMessage } from './messages.js';
import { OUTCOMES_WITHIN_MS, SendingStream } from './sending-stream.js';

/** What the other end of a call sees of it. */
class FakeCall extends EventEmitter {
  readonly sent: CommandsMessage[] = [];
  hasEnded = false;
  isCancelled = false;

  write(message: CommandsMessage): void {
    if (this.hasEnded) throw new Error('a message after the end');
    this.sent.push(message);
  }

  end(): void {
    this.hasEnded = true;
  }

  cancel(): void {
    this.isCancelled = true;
  }
}

describe(SendingStream.name, () => {
  let call: FakeCall;
  let stream: SendingStream;

  const upload = (): Promise<object> => stream.send({ kind: 'uploads', commands: { uploads: [] } });
  const withdraw = (...left: number[]): Promise<object> =>
    stream.send({
      kind: 'withdrawals',
      commands: {},
      whoHasLeft: () => Promise.resolve(left),
    });

  const receive = (message: Omit<OutcomesMessage, 'message'> & { message?: string }): void =>
    void call.emit('data', message);
  const outcomes = (number: number): void =>
    receive({ number, message: 'uploads', uploads: { outcomes: [number] } });
  const question = (number: number): void =>
    receive({ number, message: 'whoHasLeft', whoHasLeft: {} });
  const end = (code: STATUS): void =>
    void call.emit('status', { code, details: 'so it is', metadata: new Metadata() });

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
    call = new FakeCall();
    stream = new SendingStream(
      call as unknown as ClientDuplexStream<CommandsMessage, OutcomesMessage>,
    );
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('numbers its batches, and gives each its own outcomes', async () => {
    const batches = [upload(), upload()];
    expect(call.sent).toEqual(
      [1, 2].map((number) => ({ number, timeoutMs: 7_000, uploads: { uploads: [] } })),
    );
    outcomes(2);
    outcomes(1);
    await expect(Promise.all(batches)).resolves.toEqual([{ outcomes: [1] }, { outcomes: [2] }]);
  });

  it('answers who has left, of the batch that is asked about', async () => {
    void withdraw(0);
    void withdraw(3, 5);
    question(2);
    question(1);
    await turn();
    expect(call.sent.slice(2)).toEqual([
      { number: 2, left: { places: [3, 5] } },
      { number: 1, left: { places: [0] } },
    ]);
  });

  it('refuses a batch with why the other process did, and no other', async () => {
    const batches = [upload(), upload(), upload()];
    const refusal = { error: 'ErrX', detail: 'why', retryAfterSeconds: 0 };
    receive({
      number: 1,
      message: 'refusal',
      refusal: { ...refusal, kind: 'REFUSAL_KIND_UNAVAILABLE' },
    });
    receive({
      number: 2,
      message: 'refusal',
      refusal: { ...refusal, kind: 'REFUSAL_KIND_MALFORMED' },
    });
    outcomes(3);
    await expect(batches[0]).rejects.toThrow(DatabaseUnavailable);
    await expect(batches[1]).rejects.toThrow('a batch was refused: ErrX, why');
    await expect(batches[2]).resolves.toBeDefined();
  });

  it('gives up after its time, says so, and does not mind what comes then', async () => {
    const batch = withdraw();
    jest.advanceTimersByTime(OUTCOMES_WITHIN_MS - 1);
    expect(call.sent).toHaveLength(1);
    jest.advanceTimersByTime(1);
    await expect(batch).rejects.toMatchObject({ code: STATUS.DEADLINE_EXCEEDED });
    expect(call.sent.slice(1)).toEqual([{ number: 1, givenUp: {} }]);
    question(1);
    outcomes(1);
    await turn();
    expect(call.isCancelled).toBe(false);
    expect(call.sent).toHaveLength(2);
  });

  it.each([STATUS.OK, STATUS.UNAVAILABLE, STATUS.UNAUTHENTICATED])(
    'fails its batches with the status that ends it: %i',
    async (code) => {
      const batch = withdraw();
      question(1);
      end(code);
      await expect(batch).rejects.toMatchObject({ code, details: 'so it is' });
      expect(stream.isTaking).toBe(false);
      await turn();
      expect(call.sent).toHaveLength(1);
    },
  );

  it.each([
    ['the other process closes it', () => receive({ number: 0, message: 'closing', closing: {} })],
    ['it was used for a while', () => jest.advanceTimersByTime(1_000)],
  ])('takes no further batches once %s, and ends with the last outcomes', async (_, retire) => {
    const batches = [upload(), withdraw(1)];
    expect(stream.isTaking).toBe(true);
    retire();
    expect(stream.isTaking).toBe(false);
    outcomes(1);
    question(2);
    await turn();
    expect(call.sent.at(-1)).toEqual({ number: 2, left: { places: [1] } });
    expect(call.hasEnded).toBe(false);
    receive({ number: 2, message: 'withdrawals', withdrawals: {} });
    expect(call.hasEnded).toBe(true);
    await expect(Promise.all(batches)).resolves.toHaveLength(2);
  });

  it('writes no answer where the outcomes have come meanwhile', async () => {
    void withdraw(1);
    question(1);
    receive({ number: 1, message: 'withdrawals', withdrawals: {} });
    stream.retire();
    await turn();
    expect(call.sent).toHaveLength(1);
  });

  it.each([
    ['outcomes of no batch', () => outcomes(2)],
    ['a question about no batch', () => question(0)],
    ['outcomes of another kind', () => receive({ number: 1, message: 'withdrawals' })],
    ['nothing', () => receive({ number: 1 })],
  ])('breaks off at %s', async (_, come) => {
    const batch = upload();
    come();
    await expect(batch).rejects.toThrow('a message came that fits nothing');
    expect([call.isCancelled, stream.isTaking]).toEqual([true, false]);
    end(STATUS.CANCELLED);
  });
});
