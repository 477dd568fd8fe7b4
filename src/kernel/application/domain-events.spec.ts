import { describe, expect, it } from '@jest/globals';
import { FakeTransaction } from '../../../test/support/fakes/fake-unit-of-work.js';
import { DomainEvents } from './domain-events.js';

const TRANSACTION = new FakeTransaction();

class Uploaded {
  constructor(readonly id: number) {}
}

class Registered {
  constructor(readonly id: number) {}
}

describe(DomainEvents.name, () => {
  it('hands the whole list to every subscriber of its class, one after another', async () => {
    const events = new DomainEvents();
    const heard: string[] = [];
    events.subscribe(Uploaded, async (list) => {
      await new Promise((resolve) => setImmediate(resolve));
      heard.push(`first ${list.map(({ id }) => id).join()}`);
    });
    events.subscribe(Uploaded, (list) => {
      heard.push(`second ${list.map(({ id }) => id).join()}`);
      return Promise.resolve();
    });
    events.subscribe(Registered, () => Promise.reject(new Error('not for you')));
    await events.publish(TRANSACTION, Uploaded, [new Uploaded(1), new Uploaded(2)]);
    expect(heard).toEqual(['first 1,2', 'second 1,2']);
  });

  it('fails the publisher with what a subscriber fails with, and goes no further', async () => {
    const events = new DomainEvents();
    let reached = false;
    events.subscribe(Uploaded, () => Promise.reject(new Error('the queue is full')));
    events.subscribe(Uploaded, () => {
      reached = true;
      return Promise.resolve();
    });
    await expect(events.publish(TRANSACTION, Uploaded, [new Uploaded(1)])).rejects.toThrow(
      'the queue is full',
    );
    expect(reached).toBe(false);
  });

  it('hands on the transaction that it is published in', async () => {
    const events = new DomainEvents();
    const heard: unknown[] = [];
    events.subscribe(Uploaded, (_, transaction) => {
      heard.push(transaction);
      return Promise.resolve();
    });
    await events.publish(TRANSACTION, Uploaded, [new Uploaded(1)]);
    expect(heard).toHaveLength(1);
    expect(heard[0]).toBe(TRANSACTION);
  });

  it('says nothing where nothing happened, or where nobody listens', async () => {
    const events = new DomainEvents();
    events.subscribe(Uploaded, () => Promise.reject(new Error('called for nothing')));
    await expect(events.publish(TRANSACTION, Uploaded, [])).resolves.toBeUndefined();
    await expect(
      events.publish(TRANSACTION, Registered, [new Registered(1)]),
    ).resolves.toBeUndefined();
  });
});
