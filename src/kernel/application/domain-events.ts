import type { Transaction } from './unit-of-work.js';

type EventClass<E> = abstract new (...args: never[]) => E;
type Subscriber<E> = (events: readonly E[], transaction: Transaction) => Promise<void>;

/**
 * How one module tells others what happened without knowing them.
 *
 * Subscribers are handed the publisher's transaction, one after another, with the whole list: what
 * they store in it is committed with it or not at all.
 */
export class DomainEvents {
  readonly #subscribers = new Map<EventClass<unknown>, Subscriber<never>[]>();

  subscribe<E>(event: EventClass<E>, subscriber: Subscriber<E>): void {
    this.#subscribers.set(event, [...(this.#subscribers.get(event) ?? []), subscriber]);
  }

  /**
   * Hands `events` to every subscriber of their class; an empty list reaches nobody. Rejects with
   * what a subscriber rejects with.
   */
  async publish<E>(
    transaction: Transaction,
    event: EventClass<E>,
    events: readonly E[],
  ): Promise<void> {
    if (events.length === 0) return;
    for (const subscriber of this.#subscribers.get(event) ?? []) {
      await (subscriber as Subscriber<E>)(events, transaction);
    }
  }
}
