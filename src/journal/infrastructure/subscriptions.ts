import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Clock } from '../../kernel/application/ports.js';
import { Readiness } from '../../platform/observability/readiness.js';
import { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';
import {
  JournalReader,
  SubscriptionLeases,
  SubscriptionMetrics,
  SubscriptionRepository,
} from '../application/ports.js';
import { Subscription } from '../application/subscription.js';
import type { EventSink } from '../application/sink-ports.js';
import { AmqpSettings } from '../../platform/amqp/amqp.settings.js';
import { WebhookSettings } from '../webhook.settings.js';
import { BrokerSink, QuerySink } from './amqp-sinks.js';
import { WebhookSink } from './webhook-sink.js';

/** How long a stop waits for what is being passed on, of its 10 s, in milliseconds. */
const STOP_WITHIN_MS = 3_000;

/** Runs the subscriptions that are configured. They look at the journal after each commit. */
@Injectable()
export class Subscriptions implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #running: Subscription[] = [];

  constructor(
    private readonly amqp: AmqpSettings,
    private readonly webhooks: WebhookSettings,
    private readonly broker: BrokerSink,
    private readonly query: QuerySink,
    private readonly receiver: WebhookSink,
    private readonly reader: JournalReader,
    private readonly repository: SubscriptionRepository,
    private readonly leases: SubscriptionLeases,
    private readonly metrics: SubscriptionMetrics,
    private readonly clock: Clock,
    private readonly database: PgUnitOfWork,
    private readonly readiness: Readiness,
  ) {}

  onApplicationBootstrap(): void {
    const sinks: EventSink[] = [
      ...(this.amqp.uri === undefined ? [] : [this.broker, this.query]),
      ...(this.webhooks.url === undefined ? [] : [this.receiver]),
    ];
    for (const sink of sinks) {
      const subscription = new Subscription(
        sink,
        this.reader,
        this.repository,
        this.leases,
        this.metrics,
        this.clock,
      );
      this.#running.push(subscription);
      this.database.onCommit(() => subscription.wakeUp());
      subscription.start();
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(
      this.#running.map(async (subscription) => {
        const stopped = subscription.stop();
        if (!(await this.readiness.hasStopped(stopped, STOP_WITHIN_MS)))
          await subscription.abandon();
      }),
    );
  }
}
