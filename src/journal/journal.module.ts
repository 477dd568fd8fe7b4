import { Module } from '@nestjs/common';
import {
  EventSink,
  JournalOverview,
  JournalReader,
  OperatorActions,
  SubscriptionLeases,
  SubscriptionMetrics,
  SubscriptionRepository,
} from './application/ports.js';
import { ReplayEvents, RetryParkedEvents } from './application/replay-events.js';
import { JournalRunner } from './cli/journal-runner.js';
import { AmqpEventSink } from './infrastructure/amqp-event-sink.js';
import { PrometheusSubscriptionMetrics } from './infrastructure/prometheus-subscription-metrics.js';
import { SqlJournalOverview } from './infrastructure/sql-journal-overview.js';
import { SqlJournalReader } from './infrastructure/sql-journal-reader.js';
import { SqlOperatorActions } from './infrastructure/sql-operator-actions.js';
import { SqlSubscriptionLeases } from './infrastructure/sql-subscription-leases.js';
import { SqlSubscriptionRepository } from './infrastructure/sql-subscription-repository.js';
import { Subscriptions } from './infrastructure/subscriptions.js';

@Module({
  providers: [
    JournalRunner,
    ReplayEvents,
    RetryParkedEvents,
    Subscriptions,
    { provide: EventSink, useClass: AmqpEventSink },
    { provide: JournalOverview, useClass: SqlJournalOverview },
    { provide: JournalReader, useClass: SqlJournalReader },
    { provide: OperatorActions, useClass: SqlOperatorActions },
    { provide: SubscriptionLeases, useClass: SqlSubscriptionLeases },
    { provide: SubscriptionMetrics, useClass: PrometheusSubscriptionMetrics },
    { provide: SubscriptionRepository, useClass: SqlSubscriptionRepository },
  ],
  exports: [OperatorActions],
})
export class JournalModule {}
