import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ImpossibleSum } from '../../domain/money.js';
import {
  ConnectionLost,
  DatabaseUnavailable,
  DataRejected,
  OneIsAtFault,
  StaleState,
} from '../persistence-errors.js';
import { type BatchHandler, decide, GroupCommit } from './group-commit.js';

/** More turns of the event loop than a batch is gathered for. */
async function turns(): Promise<void> {
  for (let i = 0; i < 6; i++) await turn();
}

describe(decide, () => {
  it('keeps the value', () => {
    expect(decide(() => 42)).toEqual({ value: 42 });
  });

  it('makes a broken rule the answer of this command alone', () => {
    const broken = new ImpossibleSum('x');
    expect(
      decide(() => {
        throw broken;
      }),
    ).toEqual({ broken });
  });

  it('lets anything else stop the whole batch', () => {
    expect(() =>
      decide(() => {
        throw new TypeError('a mistake of ours');
      }),
    ).toThrow(TypeError);
  });
});

/** Whatever else names one command of the batch. */
class CreditRefused extends OneIsAtFault {}

interface Handled {
  readonly gathered: GroupCommit<number, number>;
  readonly batches: number[][];
}

function handledBy(handle: BatchHandler<number, number>): Handled {
  const batches: number[][] = [];
  const gathered = new GroupCommit<number, number>((batch) => {
    batches.push([...batch]);
    return handle(batch, () => true);
  });
  return { gathered, batches };
}

/** A database that refuses every batch with one of `bad` in it. */
const refusing = (bad: readonly number[], error: Error): Handled =>
  handledBy((batch) =>
    batch.some((each) => bad.includes(each))
      ? Promise.reject(error)
      : Promise.resolve(batch.map((each) => ({ value: each * 10 }))),
  );

async function submitAll(
  { gathered }: Handled,
  commands: readonly number[],
): Promise<(number | string)[]> {
  const settled = await Promise.allSettled(commands.map((each) => gathered.submit(each)));
  return settled.map((each) =>
    each.status === 'fulfilled' ? each.value : (each.reason as Error).constructor.name,
  );
}

describe(`${GroupCommit.name}, when something fails`, () => {
  it.each([new DataRejected('check'), new StaleState('paid'), new CreditRefused('too much')])(
    'halves the batch until the bad command stands alone: %s',
    async (error) => {
      const handled = refusing([3], error);
      await expect(submitAll(handled, [1, 2, 3, 4])).resolves.toEqual([
        10,
        20,
        error.constructor.name,
        40,
      ]);
      expect(handled.batches).toEqual([[1, 2, 3, 4], [1, 2], [3, 4], [3], [4]]);
    },
  );

  it('fails the bad commands alone, whichever they are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(30)),
        fc.uniqueArray(fc.nat(30)),
        async (commands, bad) => {
          const answers = await submitAll(refusing(bad, new DataRejected('x')), commands);
          expect(answers).toEqual(
            commands.map((each) => (bad.includes(each) ? 'DataRejected' : each * 10)),
          );
        },
      ),
    );
  });

  it.each([new ConnectionLost('gone'), new Error('a mistake')])(
    'fails the whole batch at once for %s',
    async (error) => {
      const handled = refusing([3], error);
      const { name } = error.constructor;
      await expect(submitAll(handled, [1, 2, 3, 4])).resolves.toEqual([name, name, name, name]);
      expect(handled.batches).toHaveLength(1);
    },
  );

  it('answers a broken rule to the command that broke it', async () => {
    const handled = handledBy((batch) =>
      Promise.resolve(
        batch.map((each) => (each === 2 ? { broken: new ImpossibleSum('zero') } : { value: each })),
      ),
    );
    await expect(submitAll(handled, [1, 2, 3])).resolves.toEqual([1, 'ImpossibleSum', 3]);
  });

  it('leaves no command unanswered that the handler forgot', async () => {
    const handled = handledBy((batch) =>
      Promise.resolve(batch.slice(1).map((each) => ({ value: each }))),
    );
    await expect(submitAll(handled, [1, 2])).resolves.toEqual([2, 'Error']);
  });

  it('takes a handler that throws at once for one that rejects', async () => {
    const handled = handledBy(() => {
      throw new TypeError('a mistake');
    });
    await expect(submitAll(handled, [1])).resolves.toEqual(['TypeError']);
    await expect(submitAll(handled, [2])).resolves.toEqual(['TypeError']);
  });

  it('keeps no caller waiting: what waits is dropped, what is on its way goes on', async () => {
    const batches: (readonly number[])[] = [];
    const answered: (() => void)[] = [];
    const awaited: ((place: number) => boolean)[] = [];
    const gathered = new GroupCommit<number, number>(
      (batch, isAwaited) => {
        batches.push(batch);
        awaited.push(isAwaited);
        return new Promise((resolve) =>
          answered.push(() => resolve(batch.map((each) => ({ value: each })))),
        );
      },
      { patienceMs: 500, concurrency: 1, maxConcurrency: 1 },
    );
    const first = gathered.submit(1);
    await turns();
    expect(awaited[0]?.(0)).toBe(true);
    const [onItsWay, waiting] = await Promise.allSettled([first, gathered.submit(2)]);
    expect([onItsWay, waiting]).toEqual(
      [onItsWay, waiting].map(() => ({
        status: 'rejected',
        reason: new DatabaseUnavailable('not stored within 0.5 s'),
      })),
    );
    expect(awaited[0]?.(0)).toBe(false);
    answered.forEach((answer) => answer());
    const third = gathered.submit(3);
    await turns();
    answered.forEach((answer) => answer());
    await expect(third).resolves.toBe(3);
    expect(batches).toEqual([[1], [3]]);
  });
});
