import { Injectable, Optional } from '@nestjs/common';
import type { ExitCode, Print } from '../../platform/cli/command-line.js';
import { duration, ifKnown } from '../../platform/cli/operator.js';
import {
  EventsParkedElsewhere,
  JournalOverview,
  type JournalStatistics,
  type ParkedLine,
  type SubscriptionState,
} from '../application/ports.js';
import {
  ReplayEvents,
  type ReplayStart,
  ResumeSubscription,
  RetryParkedEvents,
} from '../application/replay-events.js';

/** Does what `npm run journal` was told, and says what it did. */
@Injectable()
export class JournalRunner {
  constructor(
    private readonly overview: JournalOverview,
    private readonly replayEvents: ReplayEvents,
    private readonly resumeSubscription: ResumeSubscription,
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
      print(unknown(name, (await this.overview.statistics()).subscriptions));
      return 1;
    }
    const stopped = (await this.found(name))?.stopped;
    print(`${name} goes on with event ${position}${stopped ? ' when it is resumed' : ''}`);
    return 0;
  }

  async resume(name: string, by: string, json: boolean, print: Print): Promise<ExitCode> {
    const ms = await this.resumeSubscription.execute(name, by);
    if (ms === undefined) return this.notResumed(name, json, print);
    const found = await this.found(name);
    if (json) print(resumedJson(name, true, ms));
    else print(`${name} resumed after ${duration(ms)}${found ? `; ${dueOf(found)}` : ''}`);
    return 0;
  }

  private async notResumed(name: string, json: boolean, print: Print): Promise<ExitCode> {
    const { subscriptions } = await this.overview.statistics();
    const isKnown = subscriptions.some((each) => each.name === name);
    if (json) print(resumedJson(name, isKnown));
    else print(isKnown ? `${name} was not stopped` : unknown(name, subscriptions));
    return isKnown ? 0 : 1;
  }

  private async found(name: string): Promise<SubscriptionState | undefined> {
    const statistics = await ifKnown(this.overview.statistics());
    return statistics?.subscriptions.find((each) => each.name === name);
  }

  async deadList(limit: number, json: boolean, print: Print): Promise<ExitCode> {
    // One more of each tells whether there are more.
    const all = [
      ...(await this.overview.parked(limit + 1)),
      ...((await this.elsewhere?.list(limit + 1)) ?? []),
    ].sort((a, b) => rankOf(a) - rankOf(b));
    const parked = all.slice(0, limit);
    if (json) print(JSON.stringify({ events: parked.map(jsonOfParked) }));
    else if (parked.length === 0) print('nothing is parked');
    else parked.forEach((each) => print(parkedLine(each)));
    if (!json && all.length > limit) print('… and more: --limit <n>');
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

function resumedJson(name: string, isKnown: boolean, stoppedMs?: number): string {
  const stoppedSeconds = stoppedMs === undefined ? null : stoppedMs / 1000;
  return JSON.stringify({ name, isKnown, stoppedSeconds });
}

function unknown(name: string, subscriptions: readonly SubscriptionState[]): string {
  const known = subscriptions.map((each) => each.name).join(', ') || 'there is none';
  return `"${name}" is no subscription: ${known}`;
}

function jsonOf({ types, last, lastMs, bytes, subscriptions }: JournalStatistics): object {
  return {
    events: sumOf(types),
    types: Object.fromEntries(types.map(({ type, events }) => [type, events])),
    last: last ?? null,
    lastSeconds: lastMs === undefined ? null : lastMs / 1000,
    bytes,
    subscriptions: subscriptions.map(({ name, isRead, backlog, lagMs, parked, stopped }) => ({
      name,
      isRead,
      backlog,
      lagSeconds: lagMs / 1000,
      parked,
      stopped: stopped ? { reason: stopped.reason, seconds: stopped.ms / 1000 } : null,
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

function subscriptionLine(state: SubscriptionState): string {
  const { name, isRead, parked, stopped } = state;
  const reader = isRead ? '' : '; no process reads it';
  return (
    `${name}: ${dueOf(state)}` +
    (parked === 0 ? '' : `, ${parked} parked (journal dead list)`) +
    (stopped
      ? `; stopped ${duration(stopped.ms)} ago, ${stopped.reason} (journal resume ${name})`
      : reader)
  );
}

function dueOf({ backlog, lagMs }: SubscriptionState): string {
  return backlog === 0
    ? 'nothing is due'
    : `about ${backlog} events are due, for ${duration(lagMs)}`;
}

/** What has no position comes last. */
function rankOf({ position }: ParkedLine): number {
  return Number(position) || Number.MAX_SAFE_INTEGER;
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
