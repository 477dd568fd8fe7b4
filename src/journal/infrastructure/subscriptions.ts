import { setTimeout as pause } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Clock } from '../../kernel/application/ports.js';
import { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';
import {
  EventSink,
  JournalReader,
  SubscriptionLeases,
  SubscriptionMetrics,
  SubscriptionRepository,
} from '../application/ports.js';
import { Subscription } from '../application/subscription.js';
import { JournalSettings } from '../journal.settings.js';

/** How long a stop waits for what is being passed on, of its 10 s, in milliseconds. */
const STOP_WITHIN_MS = 3_000;

/** Runs the subscriptions that are configured. They look at the journal after each commit. */
@Injectable()
export class Subscriptions implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #running: Subscription[] = [];

  constructor(
    private readonly settings: JournalSettings,
    private readonly broker: EventSink,
    private readonly reader: JournalReader,
    private readonly repository: SubscriptionRepository,
    private readonly leases: SubscriptionLeases,
    private readonly metrics: SubscriptionMetrics,
    private readonly clock: Clock,
    private readonly database: PgUnitOfWork,
  ) {}

  /**
   * The mark takes note of a restored dump, before the first event is written here. With the
   * database away there is nothing to write yet.
   */
  async onApplicationBootstrap(): Promise<void> {
    await this.reader.mark().catch(() => undefined);
    if (this.settings.brokerUri === undefined) return;
    const broker = new Subscription(
      'broker',
      this.broker,
      this.reader,
      this.repository,
      this.leases,
      this.metrics,
      this.clock,
    );
    this.#running.push(broker);
    this.database.onCommit(() => broker.wakeUp());
    broker.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.#running.map(stopInTime));
  }
}

async function stopInTime(subscription: Subscription): Promise<void> {
  const late = pause(STOP_WITHIN_MS, 'late', { ref: false });
  if ((await Promise.race([subscription.stop(), late])) === 'late') await subscription.abandon();
}
