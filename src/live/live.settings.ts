import { Setting, settings, wholeNumber } from '../platform/settings.js';

/** How many streams of events there may be. */
export abstract class LiveSettings extends settings({
  streams: new Setting(
    'LIVE_STREAMS',
    wholeNumber(1, 50_000),
    10_000,
    'streams of events in this process; one more gets 503',
  ),
  streamsPerUser: new Setting(
    'LIVE_STREAMS_PER_USER',
    wholeNumber(1, 10_000),
    20,
    'streams of events of one user in this process; one more gets 429',
  ),
}) {}
