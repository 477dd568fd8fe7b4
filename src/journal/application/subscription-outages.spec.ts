import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { InMemoryJournal } from '../../../test/support/fakes/in-memory-journal.js';
import { eventually } from '../../../test/support/eventually.js';
import { ScriptedBroker } from '../../../test/support/fakes/scripted-broker.js';
import { SystemClock } from '../../platform/system.js';
import { Subscription } from './subscription.js';

describe(`${Subscription.name}, while the broker takes nothing`, () => {
  let journal: InMemoryJournal;
  let broker: ScriptedBroker;
  let subscription: Subscription;
  let said: string[];

  beforeEach(() => {
    said = [];
    const silent = { log: () => undefined, error: () => undefined };
    Logger.overrideLogger({ ...silent, warn: (message: string) => said.push(message) });
    journal = new InMemoryJournal();
    broker = new ScriptedBroker();
    const clock = new SystemClock();
    subscription = new Subscription(broker, journal, journal, journal, journal.metrics, clock);
    subscription.start();
  });

  afterEach(async () => {
    await subscription.stop();
    Logger.overrideLogger(false);
  });

  it('says once why events wait, however long the broker is away', async () => {
    await eventually('leased', () => journal.holder !== undefined);
    broker.isAway = true;
    broker.breakDown();
    await eventually('tried again', () => broker.failures > 3);
    expect(said).toEqual([
      'test: events wait in the journal: the broker went away',
      'test: events wait in the journal: connect ECONNREFUSED',
    ]);
    expect(broker.connections).toBe(1);
  });

  it('comes more and more rarely to a broker that takes nothing', async () => {
    broker.refuses = () => {
      throw new Error('the queue is gone');
    };
    journal.append('order_created');
    await pause(2_000);
    expect(said).toEqual(['test: events wait in the journal: the queue is gone']);
    expect(broker.connections).toBeGreaterThan(2);
    expect(broker.connections).toBeLessThan(10);
    broker.refuses = () => false;
    await eventually('taken', () => broker.taken.length === 1);
    expect(said.at(-1)).toBe('test: connected again');
  });
});
