import { Injectable } from '@nestjs/common';
import { OrderUploaded } from '../../orders/index.js';
import { DomainEvents } from '../../shared/application/domain-events.js';
import { UnitOfWork } from '../../shared/application/unit-of-work.js';
import { QueueRepository } from './ports/queue-repository.js';
import { WakeUp } from './wake-up.js';

/** Enqueues uploaded orders in the commit that stores them, and wakes this process's worker after it. */
@Injectable()
export class EnqueueOrders {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly queue: QueueRepository,
    private readonly wakeUp: WakeUp,
    events: DomainEvents,
  ) {
    events.subscribe(OrderUploaded, (uploaded) => this.execute(uploaded));
  }

  async execute(uploaded: readonly OrderUploaded[]): Promise<void> {
    await this.queue.add(uploaded.map(({ orderId, uploadedAt }) => ({ orderId, enqueuedAt: uploadedAt })));
    this.unitOfWork.afterCommit(() => this.wakeUp.call());
  }
}
