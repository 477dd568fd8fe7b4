import { Injectable } from '@nestjs/common';
import { KnownUsers } from '../../auth/index.js';
import { Overloaded } from '../../kernel/application/persistence-errors.js';
import { DomainError, UserMissing } from '../../kernel/domain/domain-error.js';
import { LiveSettings } from '../live.settings.js';
import { LiveFeed } from './live-feed.js';
import { LiveStream, type Start } from './live-stream.js';
import { LiveJournal, LiveMetrics } from './ports.js';

/** A user has as many streams as one may have. */
export class TooManyStreams extends DomainError {
  readonly code = 'too-many-streams';
  readonly kind = 'too-many';
  override readonly retryAfterSeconds = 30;

  constructor(most: number) {
    super(`a user has ${most} streams of events at most: close one first`);
  }
}

/** Opens streams: so many in this process, and so many of each user. */
@Injectable()
export class OpenLiveStream {
  readonly #ofUser = new Map<string, number>();
  #open = 0;

  constructor(
    private readonly users: KnownUsers,
    private readonly feed: LiveFeed,
    private readonly journal: LiveJournal,
    private readonly metrics: LiveMetrics,
    private readonly settings: LiveSettings,
  ) {}

  /**
   * Resolves with a stream that misses nothing from now on; the caller closes it.
   *
   * @throws UserMissing; TooManyStreams; Overloaded beyond what the process may have;
   * DatabaseUnavailable.
   */
  async execute(userId: string, start: Start): Promise<LiveStream> {
    const { streams, streamsPerUser } = this.settings;
    const ofUser = this.#ofUser.get(userId) ?? 0;
    if (ofUser >= streamsPerUser) throw new TooManyStreams(streamsPerUser);
    if (this.#open >= streams) throw new Overloaded(`${streams} streams of events are open`);
    this.#count(userId, 1);
    try {
      if (!(await this.users.has(userId))) throw new UserMissing();
      return await this.#join(userId, start);
    } catch (error) {
      this.#count(userId, -1);
      throw error;
    }
  }

  async #join(userId: string, start: Start): Promise<LiveStream> {
    const stream = new LiveStream(userId, this.journal, this.metrics, () => {
      this.feed.leave(userId, stream);
      this.#count(userId, -1);
      this.metrics.closed();
    });
    await stream.join(this.feed, start);
    this.metrics.opened();
    return stream;
  }

  #count(userId: string, change: 1 | -1): void {
    this.#open += change;
    const ofUser = (this.#ofUser.get(userId) ?? 0) + change;
    if (ofUser === 0) this.#ofUser.delete(userId);
    else this.#ofUser.set(userId, ofUser);
  }
}
