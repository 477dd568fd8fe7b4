import { Injectable } from '@nestjs/common';
import { OrderUploaded } from '../../orders/index.js';
import { DomainEvents } from '../../kernel/application/domain-events.js';
import type { Transaction } from '../../kernel/application/unit-of-work.js';
import { QueueRepository } from './ports.js';

/** Wakes the worker of this process, after a commit that made work for it. */
export class WakeUp {
  #listener: () => void = () => undefined;

  call(): void {
    this.#listener();
  }

  onCall(listener: () => void): void {
    this.#listener = listener;
  }
}

/**
 * Enqueues uploaded orders in the commit that stores them, and wakes this process's worker after it
 * if there are any.
 */
@Injectable()
export class EnqueueOrders {
  constructor(
    private readonly queue: QueueRepository,
    private readonly wakeUp: WakeUp,
    events: DomainEvents,
  ) {
    events.subscribe(OrderUploaded, (uploaded, transaction) => this.execute(transaction, uploaded));
  }

  async execute(transaction: Transaction, uploaded: readonly OrderUploaded[]): Promise<void> {
    const tasks = uploaded.map(({ orderId, uploadedAt }) => ({ orderId, enqueuedAt: uploadedAt }));
    const added = await this.queue.add(transaction, tasks);
    transaction.afterCommit(() => {
      if (added() > 0) this.wakeUp.call();
    });
  }
}
