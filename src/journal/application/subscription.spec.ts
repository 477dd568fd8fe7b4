import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { Clock } from '../../kernel/application/ports.js';
import { SystemClock } from '../../platform/system.js';
import { FakeClock } from '../../../test/support/fakes/fake-clock.js';
import { InMemoryJournal } from '../../../test/support/fakes/in-memory-journal.js';
import { eventually } from '../../../test/support/eventually.js';
import { ScriptedBroker } from '../../../test/support/fakes/scripted-broker.js';
import { LEASE_MS, RENEW_MS } from './held-lease.js';
import { PAGE_EVENTS } from './journal-pages.js';
import { Subscription } from './subscription.js';

const SILENT = { log: () => undefined, error: () => undefined, warn: () => undefined };

Logger.overrideLogger(false);

describe(Subscription, () => {
  let journal: InMemoryJournal;
  let broker: ScriptedBroker;
  let subscription: Subscription;

  const subscribed = (sink = broker, clock: Clock = new SystemClock()): Subscription =>
    new Subscription(sink, journal, journal, journal, journal.metrics, clock);

  beforeEach(() => {
    journal = new InMemoryJournal();
    broker = new ScriptedBroker();
    subscription = subscribed();
    subscription.start();
  });

  afterEach(() => subscription.stop());

  const taken = (...positions: bigint[]): Promise<void> =>
    eventually(`taken: ${positions.join()}`, () => broker.taken.flat().join() === positions.join());

  it('passes on what happens, and remembers how far it has got', async () => {
    journal.append('order_created', 'order_created');
    await taken(1n, 2n);
    journal.append('order_updated');
    await taken(1n, 2n, 3n);
    await eventually('stored', () => journal.cursor.until.top === 3n);
    expect(journal.cursor.isAtEnd).toBe(true);
    expect(journal.counted).toEqual({ delivered: 3, parked: 0 });
  });

  it('goes on where it has got, after a stop that waits for what is under way', async () => {
    broker.isSlow = true;
    journal.append('order_created');
    await eventually('offered', () => broker.offered.length === 1);
    const stopped = subscription.stop();
    journal.append('order_created');
    broker.answer();
    await stopped;
    expect([broker.taken, journal.holder]).toEqual([[[1n]], undefined]);

    broker.isSlow = false;
    subscription = subscribed();
    subscription.start();
    await taken(1n, 2n);
  });

  it('ends a stop that takes too long, and stores nothing of what was under way', async () => {
    broker.isSlow = true;
    journal.append('order_created');
    await eventually('offered', () => broker.offered.length === 1);
    const stopped = subscription.stop();
    await subscription.abandon();
    await stopped;
    expect([broker.taken, journal.cursor.until.top]).toEqual([[], 0n]);
  });

  it('passes on again what was under way when the broker went away', async () => {
    broker.isSlow = true;
    journal.append('order_created');
    await eventually('offered', () => broker.offered.length === 1);
    broker.isAway = true;
    broker.breakDown();
    journal.append('order_created');
    await eventually('lease given back', () => journal.holder === undefined);
    broker.isSlow = false;
    broker.isAway = false;
    await taken(1n, 2n);
    expect(broker.connections).toBe(2);
  });

  it('says now and then how far it is while it is behind', async () => {
    await subscription.stop();
    const said: string[] = [];
    Logger.overrideLogger({ ...SILENT, log: (message: string) => said.push(message) });
    const clock = new FakeClock();
    broker.refuses = () => {
      clock.advance(1);
      return false;
    };
    journal.append(...Array.from({ length: 5 * PAGE_EVENTS }, () => 'order_created'));
    subscription = subscribed(broker, clock);
    subscription.start();
    await eventually('stored', () => journal.counted.delivered === 5 * PAGE_EVENTS);
    Logger.overrideLogger(false);
    expect(said).toEqual(['test: 8000 of 10000 positions, 1000 positions/s, 2 s left']);
  });

  it('reads the last events again where the database has forgotten some', async () => {
    journal.append('order_created', 'order_created', 'order_created');
    await taken(1n, 2n, 3n);
    await eventually('stored', () => journal.cursor.until.top === 3n);
    journal.forget(2);
    journal.append('order_updated');
    await taken(1n, 2n, 3n, 1n, 2n);
    journal.append('order_updated');
    await taken(1n, 2n, 3n, 1n, 2n, 3n);
  });

  it('waits while another process has the lease', async () => {
    const other = new ScriptedBroker();
    await eventually('leased', () => journal.holder !== undefined);
    const second = subscribed(other);
    second.start();
    journal.append('order_created');
    await taken(1n);
    await second.stop();
    expect(other.taken).toEqual([]);
  });

  it('publishes nothing more when its lease may have ended', async () => {
    await subscription.stop();
    const clock = new FakeClock();
    subscription = subscribed(broker, clock);
    broker.isSlow = true;
    journal.append(...Array.from({ length: 150 }, () => 'order_created'));
    subscription.start();
    await eventually('offered', () => broker.offered.length === 1);
    clock.advance(LEASE_MS);
    broker.answer();
    await eventually('offered', () => broker.offered.length === 2);
    broker.isSlow = false;
    broker.answer();
    expect(broker.offered[1]?.[0]).toBe(1n);
  });

  it('gives way to whoever has taken its lease', async () => {
    journal.append('order_created');
    await taken(1n);
    journal.takeLease();
    journal.append('order_created');
    await eventually('refused', () => journal.refused > 0);
    expect(journal.cursor.until.top).toBe(1n);
    expect(journal.holder).toBe('somebody else');
  });

  it('tries what an operator has put back, and parks what is refused again', async () => {
    journal.append('order_created', 'order_created');
    await taken(1n, 2n);
    await subscription.stop();
    for (const position of [1n, 2n]) journal.putBack(position);
    subscription = subscribed();
    subscription.start();
    await taken(1n, 2n, 1n, 2n);
    await eventually('unparked', () => journal.parked.size === 0);
  });

  describe('to a sink that takes all events', () => {
    beforeEach(async () => {
      await subscription.stop();
      broker.takesAll = true;
      broker.spans.length = 0;
      subscription = subscribed();
    });

    const told = (): string[] =>
      broker.spans.map(({ from, to, isEnd }) => `${from}-${to}${isEnd ? ' end' : ''}`);

    it('tells of an empty journal that there is nothing', async () => {
      subscription.start();
      await eventually('told', () => told().join() === '1-0 end');
    });

    it('tells what was passed on, page by page, without a gap', async () => {
      journal.append(...Array.from({ length: PAGE_EVENTS + 1 }, () => 'order_created'));
      subscription.start();
      await eventually('read', () => broker.spans.some(({ isEnd }) => isEnd));
      journal.append('order_created');
      await eventually('read', () => broker.spans.length === 3);
      expect(told()).toEqual(['1-2000', '2001-2001 end', '2002-2002 end']);
    });

    it('tells again and again that there is nothing more, for who has lost something', async () => {
      await subscription.stop();
      const clock = new FakeClock();
      subscription = subscribed(broker, clock);
      subscription.start();
      await eventually('told', () => told().join() === '1-0 end');
      clock.advance(RENEW_MS);
      await eventually('told again', () => told().join() === '1-0 end,1-0 end');
    });

    it('goes on after a stop where it has told', async () => {
      journal.append('order_created');
      subscription.start();
      await eventually('told', () => told().join() === '1-1 end');
      await subscription.stop();
      journal.append('order_created');
      subscription = subscribed();
      subscription.start();
      await eventually('told', () => told().join() === '1-1 end,2-2 end');
    });

    it('begins, when somebody is there to take events, although it was deleted once', async () => {
      journal.isThere = false;
      journal.append('order_created');
      subscription.start();
      await eventually('told', () => told().join() === '1-1 end');
      expect(journal.isThere).toBe(true);
    });

    it('reads nothing as long as nobody is there to take it', async () => {
      broker.hasReceiver = false;
      journal.isThere = false;
      journal.append('order_created');
      subscription.start();
      await eventually('asked', () => broker.connections === 2);
      expect([journal.holder, journal.isThere]).toEqual([undefined, false]);
      expect([broker.offered, told()]).toEqual([[], []]);
    });
  });
});
