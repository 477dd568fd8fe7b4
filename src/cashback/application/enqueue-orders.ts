import { Injectable } from '@nestjs/common';
import type { UploadRequested } from '../../orders/index.js';
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
 * Enqueues those of the uploaded orders that are stored, in the commit that stores them. If there
 * are any it wakes this process's worker afterwards.
 */
@Injectable()
export class EnqueueOrders {
  constructor(
    private readonly queue: QueueRepository,
    private readonly wakeUp: WakeUp,
  ) {}

  execute(transaction: Transaction, uploads: readonly UploadRequested[]): void {
    const orderIds = uploads.map(({ orderId }) => orderId);
    transaction.afterCommit(this.queue.add(transaction, orderIds), (added) => {
      if (added > 0) this.wakeUp.call();
    });
  }
}
