import { Injectable, Logger } from '@nestjs/common';
import {
  type Progress,
  ReadModel,
  ReadModelMetrics,
  type ReceivedEvent,
  type ReceivedSpan,
} from './ports.js';
import { ProjectEvents } from './project-events.js';

/** Parked events that are tried again at once, at most. */
const RETRIED_EVENTS = 100;

/** Keeps the read model up with the journal, and knows whether it lacks something. */
@Injectable()
export class FollowJournal {
  readonly #logger = new Logger(FollowJournal.name);
  /** As far as this process knows. */
  #lacksSince: bigint | undefined;
  #wasCaughtUp = false;

  constructor(
    private readonly projectEvents: ProjectEvents,
    private readonly model: ReadModel,
    private readonly metrics: ReadModelMetrics,
  ) {}

  /**
   * Stores events, and then that these spans of the journal have been passed on.
   *
   * @throws DatabaseUnavailable: nothing is lost, the same is to come again.
   */
  async store(events: readonly ReceivedEvent[], spans: readonly ReceivedSpan[]): Promise<void> {
    if (events.length > 0) {
      const refused = await this.projectEvents.execute(events);
      this.metrics.stored(events.length - refused.length);
      this.metrics.parked(refused.length);
      for (const { event, reason } of refused)
        this.#logger.error(`event ${event.position ?? 'without a position'} is parked: ${reason}`);
    }
    if (spans.length > 0) this.#tell(await this.model.reach(spans), spans);
  }

  /** Tries parked events again that an operator has put back. */
  async retryParked(): Promise<void> {
    await this.projectEvents.retry(await this.model.toRetry(RETRIED_EVENTS));
  }

  /** Why customers should not read from it; undefined: it has everything. */
  async obstacle(): Promise<string | undefined> {
    const { next, isCaughtUp } = await this.model.progress();
    if (isCaughtUp) return undefined;
    return this.#lacksSince === undefined
      ? `it is being filled: it has the journal up to event ${next - 1n}`
      : lackOf(next);
  }

  #tell({ next, isCaughtUp }: Progress, spans: readonly ReceivedSpan[]): void {
    const isLacking = spans.some(({ from }) => from > next);
    if (isLacking && this.#lacksSince === undefined) this.#logger.error(lackOf(next));
    if (isLacking) this.#lacksSince = next;
    else if (isCaughtUp || next > (this.#lacksSince ?? next)) this.#lacksSince = undefined;
    if (isCaughtUp && !this.#wasCaughtUp)
      this.#logger.log(`the read model has caught up, with event ${next - 1n}`);
    this.#wasCaughtUp = isCaughtUp;
  }
}

function lackOf(next: bigint): string {
  return `events from ${next} on have not come: npm run journal -- replay query`;
}
