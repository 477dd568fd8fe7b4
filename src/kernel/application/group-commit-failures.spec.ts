import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ImpossibleSum } from '../domain/money.js';
import { decide, GroupCommit, type ListHandler } from './group-commit.js';
import {
  ConnectionLost,
  DatabaseUnavailable,
  DataRejected,
  OneIsAtFault,
  StaleState,
} from './persistence-errors.js';

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

  it('lets anything else stop the whole list', () => {
    expect(() =>
      decide(() => {
        throw new TypeError('a mistake of ours');
      }),
    ).toThrow(TypeError);
  });
});

/** Whatever else names one command of the list. */
class CreditRefused extends OneIsAtFault {}

interface Handled {
  readonly gathered: GroupCommit<number, number>;
  readonly lists: number[][];
}

function handledBy(handle: ListHandler<number, number>): Handled {
  const lists: number[][] = [];
  const gathered = new GroupCommit<number, number>((list) => {
    lists.push([...list]);
    return handle(list, () => true);
  });
  return { gathered, lists };
}

/** A database that refuses every list with one of `bad` in it. */
const refusing = (bad: readonly number[], error: Error): Handled =>
  handledBy((list) =>
    list.some((each) => bad.includes(each))
      ? Promise.reject(error)
      : Promise.resolve(list.map((each) => ({ value: each * 10 }))),
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
    'halves the list until the bad command stands alone: %s',
    async (error) => {
      const handled = refusing([3], error);
      await expect(submitAll(handled, [1, 2, 3, 4])).resolves.toEqual([
        10,
        20,
        error.constructor.name,
        40,
      ]);
      expect(handled.lists).toEqual([[1, 2, 3, 4], [1, 2], [3, 4], [3], [4]]);
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
    'fails the whole list at once for %s',
    async (error) => {
      const handled = refusing([3], error);
      const { name } = error.constructor;
      await expect(submitAll(handled, [1, 2, 3, 4])).resolves.toEqual([name, name, name, name]);
      expect(handled.lists).toHaveLength(1);
    },
  );

  it('answers a broken rule to the command that broke it', async () => {
    const handled = handledBy((list) =>
      Promise.resolve(
        list.map((each) => (each === 2 ? { broken: new ImpossibleSum('zero') } : { value: each })),
      ),
    );
    await expect(submitAll(handled, [1, 2, 3])).resolves.toEqual([1, 'ImpossibleSum', 3]);
  });

  it('leaves no command unanswered that the handler forgot', async () => {
    const handled = handledBy((list) =>
      Promise.resolve(list.slice(1).map((each) => ({ value: each }))),
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
    const lists: (readonly number[])[] = [];
    const answered: (() => void)[] = [];
    const awaited: ((place: number) => boolean)[] = [];
    const gathered = new GroupCommit<number, number>(
      (list, isAwaited) => {
        lists.push(list);
        awaited.push(isAwaited);
        return new Promise((resolve) =>
          answered.push(() => resolve(list.map((each) => ({ value: each })))),
        );
      },
      { patienceMs: 20, concurrency: 1, maxConcurrency: 1 },
    );
    const first = gathered.submit(1);
    await new Promise(setImmediate);
    expect(awaited[0]?.(0)).toBe(true);
    const [onItsWay, waiting] = await Promise.allSettled([first, gathered.submit(2)]);
    expect([onItsWay, waiting]).toEqual(
      [onItsWay, waiting].map(() => ({
        status: 'rejected',
        reason: new DatabaseUnavailable('not stored within 0.02 s'),
      })),
    );
    expect(awaited[0]?.(0)).toBe(false);
    answered.forEach((answer) => answer());
    const third = gathered.submit(3);
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    answered.forEach((answer) => answer());
    await expect(third).resolves.toBe(3);
    expect(lists).toEqual([[1], [3]]);
  });
});
