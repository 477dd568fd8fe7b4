import { HttpModule } from '@nestjs/axios';
import { Module } from '@nestjs/common';
import { SubscriptionLeases, SubscriptionMetrics } from './application/ports.js';
import { BrokerSink, QuerySink } from './infrastructure/amqp-sinks.js';
import { OperatorActionsLog } from './infrastructure/operator-actions-log.js';
import { PrometheusSubscriptionMetrics } from './infrastructure/prometheus-subscription-metrics.js';
import { SqlSubscriptionLeases } from './infrastructure/sql-subscription-leases.js';
import { Subscriptions } from './infrastructure/subscriptions.js';
import { webhookRequests, WebhookSink } from './infrastructure/webhook-sink.js';

/** Passes events on, and what operators do to the log. */
@Module({
  imports: [HttpModule.register(webhookRequests())],
  providers: [
    OperatorActionsLog,
    Subscriptions,
    BrokerSink,
    QuerySink,
    WebhookSink,
    { provide: SubscriptionLeases, useClass: SqlSubscriptionLeases },
    { provide: SubscriptionMetrics, useClass: PrometheusSubscriptionMetrics },
  ],
})
export class RelayModule {}
