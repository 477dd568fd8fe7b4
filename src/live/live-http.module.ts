import { Module } from '@nestjs/common';
import { AuthHttpModule } from '../auth/auth-http.module.js';
import { LiveFeed } from './application/live-feed.js';
import { OpenLiveStream } from './application/open-live-stream.js';
import { LiveMetrics } from './application/ports.js';
import { EventIds } from './http/event-ids.js';
import { EventStreams } from './http/event-streams.js';
import { LiveController } from './http/live.controller.js';
import { PrometheusLiveMetrics } from './infrastructure/prometheus-live-metrics.js';

/** Shows users what happens to them, as it happens. */
@Module({
  imports: [AuthHttpModule],
  controllers: [LiveController],
  providers: [
    LiveFeed,
    OpenLiveStream,
    EventIds,
    EventStreams,
    { provide: LiveMetrics, useClass: PrometheusLiveMetrics },
  ],
})
export class LiveHttpModule {}
