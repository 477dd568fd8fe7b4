import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { FakeClock } from '../../../test/support/fakes/fake-clock.js';
import { ScriptedBroker } from '../../../test/support/fakes/scripted-broker.js';
import type { JournalEvent } from '../domain/journal-event.js';
import { DeliverEvents } from './deliver-events.js';
import type { ParkedEvent } from './ports.js';

const SECOND = 1_000;
const DAY = 24 * 60 * 60 * SECOND;

const between = (first: number, last: number): bigint[] =>
  Array.from({ length: last - first + 1 }, (_, i) => BigInt(first + i));

const events = (type: string, first: number, last = first): JournalEvent[] =>
  between(first, last).map((position) => ({ position, type, data: '{}' }));

Logger.overrideLogger(false);

describe(DeliverEvents, () => {
  let broker: ScriptedBroker;
  let clock: FakeClock;
  let deliver: DeliverEvents;

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'performance'] });
    broker = new ScriptedBroker();
    clock = new FakeClock();
    deliver = new DeliverEvents(clock);
    behind = [];
  });

  afterEach(() => void jest.useRealTimers());

  /** What comes behind the events of a test. */
  let behind: JournalEvent[];

  const execute = async (...list: JournalEvent[]): Promise<readonly ParkedEvent[]> =>
    deliver.execute(await broker.connect(), list, () => Promise.resolve(behind));

  async function pass(ms: number, steps = 20): Promise<void> {
    for (let i = 0; i < steps; i++) {
      clock.advance(ms / steps);
      await jest.advanceTimersByTimeAsync(ms / steps);
    }
  }

  it('sends each routing key in messages of a hundred', async () => {
    const list = [
      ...events('order_created', 1, 150),
      ...events('accrual_started', 151),
      ...events('accrual_finished', 152),
    ];
    await expect(execute(...list)).resolves.toEqual([]);
    expect(broker.taken).toEqual([between(1, 100), [151n, 152n], between(101, 150)]);
  });

  it('sends a message after the one before of its key, and waits for no other key', async () => {
    broker.isSlow = true;
    const done = execute(...events('order_created', 1, 150), ...events('order_updated', 151));
    await new Promise(setImmediate);
    expect(broker.offered).toEqual([between(1, 100), [151n]]);
    broker.answer();
    await new Promise(setImmediate);
    expect(broker.offered.slice(2)).toEqual([between(101, 150)]);
    broker.answer();
    await expect(done).resolves.toEqual([]);
  });

  it('halves a message until the event at fault stands alone, and parks that one', async () => {
    broker.refuses = ({ position }) => position === 3n;
    const done = execute(...events('order_created', 1, 8), ...events('order_updated', 9));
    await pass(30 * SECOND);
    await expect(done).resolves.toEqual([{ position: 3n, reason: 'it is full' }]);
    expect(broker.taken.flat()).toEqual([9n, 1n, 2n, 4n, 5n, 6n, 7n, 8n]);
    expect(broker.offered.filter((each) => each.join() === '3')).toHaveLength(10);
  });

  it('lets nothing of the key overtake an event that is refused for a while', async () => {
    let isFull = true;
    broker.refuses = ({ position }) => isFull && position === 1n;
    const done = execute(...events('order_created', 1, 3));
    await pass(2 * SECOND);
    expect(broker.taken).toEqual([]);
    isFull = false;
    await pass(10 * SECOND);
    await expect(done).resolves.toEqual([]);
    expect(broker.taken.flat()).toEqual([1n, 2n, 3n]);
  });

  it('parks nothing while nothing else is taken, for three days', async () => {
    broker.refuses = () => true;
    let parked: readonly ParkedEvent[] | undefined;
    const done = execute(...events('order_created', 1), ...events('order_updated', 2)).then(
      (all) => (parked = all),
    );
    await pass(3 * DAY - 60 * SECOND, 30_000);
    expect(parked).toBeUndefined();
    await pass(120 * SECOND);
    await done;
    expect(parked).toHaveLength(2);
  });

  it('tries what comes behind to learn whether others are taken, and says so', async () => {
    const said: string[] = [];
    const silent = { log: () => undefined, error: () => undefined };
    Logger.overrideLogger({ ...silent, warn: (message: string) => said.push(message) });
    broker.refuses = ({ type }) => type === 'order_created';
    behind = [
      ...events('order_created', 2),
      ...events('order_updated', 3, 4),
      ...events('accrual_started', 5),
    ];
    const done = execute(...events('order_created', 1));
    await pass(30 * SECOND);
    await expect(done).resolves.toEqual([{ position: 1n, reason: 'it is full' }]);
    expect(broker.taken).toEqual([[3n]]);
    expect(said).toEqual([expect.stringMatching(/^events of order_created wait .*: it is full$/)]);
    Logger.overrideLogger(false);
  });

  it('parks those behind a parked one at once, until more are taken', async () => {
    broker.refuses = ({ type }) => type === 'order_created';
    const done = execute(...events('order_created', 1, 2), ...events('order_updated', 3));
    await pass(30 * SECOND);
    await expect(done).resolves.toHaveLength(2);

    await expect(execute(...events('order_created', 4, 6))).resolves.toHaveLength(3);

    broker.refuses = () => false;
    await expect(execute(...events('order_created', 7))).resolves.toEqual([]);
    broker.refuses = ({ position }) => position === 70n;
    await expect(execute(...events('order_created', 70))).resolves.toHaveLength(1);

    broker.refuses = () => false;
    for (let i = 0; i < 10; i++) await execute(...events('order_created', 100 + i));
    broker.refuses = ({ type }) => type === 'order_created';
    const again = execute(...events('order_created', 8), ...events('order_updated', 9));
    await pass(SECOND);
    expect(broker.offered.filter((each) => each.join() === '8').length).toBeLessThan(10);
    await pass(30 * SECOND);
    await expect(again).resolves.toHaveLength(1);
  });

  it('fails with the connection, and parks nothing', async () => {
    broker.isSlow = true;
    const done = execute(...events('order_created', 1));
    await new Promise(setImmediate);
    broker.breakDown();
    await expect(done).rejects.toThrow('went away');
  });
});
