import { Injectable, Optional } from '@nestjs/common';
import type { ExitCode, Print } from '../../platform/cli/command-line.js';
import { duration } from '../../platform/cli/operator.js';
import {
  EventsParkedElsewhere,
  JournalOverview,
  type JournalStatistics,
  type ParkedLine,
  type SubscriptionState,
} from '../application/ports.js';
import { ReplayEvents, type ReplayStart, RetryParkedEvents } from '../application/replay-events.js';

/** Does what `npm run journal` was told, and says what it did. */
@Injectable()
export class JournalRunner {
  constructor(
    private readonly overview: JournalOverview,
    private readonly replayEvents: ReplayEvents,
    private readonly retryParkedEvents: RetryParkedEvents,
    @Optional() private readonly elsewhere?: EventsParkedElsewhere,
  ) {}

  async stats(json: boolean, print: Print): Promise<ExitCode> {
    const statistics = await this.overview.statistics();
    if (json) print(JSON.stringify(jsonOf(statistics)));
    else statisticsLines(statistics).forEach((line) => print(line));
    return 0;
  }

  async replay(name: string, start: ReplayStart, by: string, print: Print): Promise<ExitCode> {
    const position = await this.replayEvents.execute(name, start, by);
    if (position === undefined) {
      const { subscriptions } = await this.overview.statistics();
      const known = subscriptions.map((each) => each.name).join(', ') || 'there is none';
      print(`"${name}" is no subscription: ${known}`);
      return 1;
    }
    print(`${name} goes on with event ${position}`);
    return 0;
  }

  async deadList(limit: number, json: boolean, print: Print): Promise<ExitCode> {
    const parked = [
      ...(await this.overview.parked(limit)),
      ...((await this.elsewhere?.list(limit)) ?? []),
    ].slice(0, limit);
    if (json) print(JSON.stringify({ events: parked.map(jsonOfParked) }));
    else if (parked.length === 0) print('nothing is parked');
    else parked.forEach((each) => print(parkedLine(each)));
    return 0;
  }

  async deadRetry(
    positions: readonly string[] | undefined,
    by: string,
    print: Print,
  ): Promise<ExitCode> {
    // Two who could not use one event have parked it twice.
    const putBack = [...new Set(await this.retryParkedEvents.execute(positions, by))];
    for (const position of positions ?? [])
      if (!putBack.includes(position)) print(`${position}: not parked, or put back already`);
    print(
      positions
        ? `${putBack.length} of ${positions.length} put back`
        : `${putBack.length} put back`,
    );
    return positions && putBack.length < positions.length ? 1 : 0;
  }
}

function jsonOf({ types, last, lastMs, bytes, subscriptions }: JournalStatistics): object {
  return {
    events: sumOf(types),
    types: Object.fromEntries(types.map(({ type, events }) => [type, events])),
    last: last ?? null,
    lastSeconds: lastMs === undefined ? null : lastMs / 1000,
    bytes,
    subscriptions: subscriptions.map(({ name, isRead, backlog, lagMs, parked }) => ({
      name,
      isRead,
      backlog,
      lagSeconds: lagMs / 1000,
      parked,
    })),
  };
}

function statisticsLines(statistics: JournalStatistics): string[] {
  const { types, last, lastMs, bytes, subscriptions } = statistics;
  const width = Math.max(...types.map(({ events }) => String(events).length), 1);
  const size = `${(bytes / 1e6).toFixed(1)} MB`;
  const read = subscriptions.map(subscriptionLine);
  if (last === undefined) return [`no events, ${size}`, ...read];
  const age = lastMs === undefined ? '' : `, ${duration(lastMs)} ago`;
  return [
    ...types.map(({ type, events }) => `${String(events).padStart(width)}  ${type}`),
    `${sumOf(types)} events, ${size}; the last is ${last}${age}`,
    ...read,
  ];
}

function subscriptionLine({ name, isRead, backlog, lagMs, parked }: SubscriptionState): string {
  const due =
    backlog === 0 ? 'nothing is due' : `about ${backlog} events are due, for ${duration(lagMs)}`;
  return (
    `${name}: ${due}` +
    (parked === 0 ? '' : `, ${parked} parked (journal dead list)`) +
    (isRead ? '' : '; no process reads it')
  );
}

function parkedLine({
  subscription,
  position,
  type,
  reason,
  parkedMs,
  isPutBack,
}: ParkedLine): string {
  const state = isPutBack ? 'put back' : `parked for ${duration(parkedMs)}`;
  return `${position}  ${type}  ${subscription}: ${state}; ${reason}`;
}

function jsonOfParked({ parkedMs, ...parked }: ParkedLine): object {
  return { ...parked, parkedSeconds: parkedMs / 1000 };
}

function sumOf(types: JournalStatistics['types']): number {
  return types.reduce((sum, { events }) => sum + events, 0);
}
