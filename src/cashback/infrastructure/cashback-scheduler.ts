import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { Readiness } from '../../platform/observability/readiness.js';
import { CashbackProcessor } from '../application/processor/cashback-processor.js';
import { CashbackSettings } from '../cashback.settings.js';
import { WakeUp } from '../application/enqueue-orders.js';

const INTERVAL = 'cashback';

/**
 * How long a stop waits for the worker, of its 10 s, in milliseconds. With the database away no
 * task can be put back; their leases end by themselves.
 */
const STOP_WITHIN_MS = 4_000;

/** Calls the processor's rounds: on every tick, and at once after an upload in this process. */
@Injectable()
export class CashbackScheduler implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly scheduler: SchedulerRegistry,
    private readonly processor: CashbackProcessor,
    private readonly wakeUp: WakeUp,
    private readonly settings: CashbackSettings,
    private readonly readiness: Readiness,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.settings.enabled) return;
    this.scheduler.addInterval(
      INTERVAL,
      setInterval(() => void this.processor.round(), this.settings.tickMs),
    );
    this.wakeUp.onCall(() => void this.processor.round());
  }

  async beforeApplicationShutdown(): Promise<void> {
    if (this.scheduler.doesExist('interval', INTERVAL)) this.scheduler.deleteInterval(INTERVAL);
    await this.readiness.hasStopped(this.processor.stop(), STOP_WITHIN_MS);
  }
}
