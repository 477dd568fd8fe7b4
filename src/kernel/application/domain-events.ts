import type { Transaction } from './unit-of-work.js';

type EventClass<E> = abstract new (...args: never[]) => E;
type Subscriber<E> = (events: readonly E[], transaction: Transaction) => void | Promise<void>;

/**
 * How one module tells others what happens, without knowing them. Who subscribes stands in the
 * subscriber's module file.
 *
 * Subscribers are called one after another, with the whole list and with the publisher's
 * transaction: what they store in it is committed with it, or not at all.
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
