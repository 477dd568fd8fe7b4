import { Injectable } from '@nestjs/common';
import type { ExitCode, Print } from '../../platform/cli/command-line.js';
import { duration } from '../../platform/cli/operator.js';
import { JournalOverview, type JournalStatistics } from '../application/ports.js';

/** Does what `npm run journal` was told, and says what it did. */
@Injectable()
export class JournalRunner {
  constructor(private readonly overview: JournalOverview) {}

  async stats(json: boolean, print: Print): Promise<ExitCode> {
    const statistics = await this.overview.statistics();
    if (json) print(JSON.stringify(jsonOf(statistics)));
    else statisticsLines(statistics).forEach((line) => print(line));
    return 0;
  }
}

function jsonOf({ types, last, lastMs, bytes }: JournalStatistics): object {
  return {
    events: sumOf(types),
    types: Object.fromEntries(types.map(({ type, events }) => [type, events])),
    last: last ?? null,
    lastSeconds: lastMs === undefined ? null : lastMs / 1000,
    bytes,
  };
}

function statisticsLines({ types, last, lastMs, bytes }: JournalStatistics): string[] {
  const width = Math.max(...types.map(({ events }) => String(events).length), 1);
  const size = `${(bytes / 1e6).toFixed(1)} MB`;
  if (last === undefined) return [`no events, ${size}`];
  const age = lastMs === undefined ? '' : `, ${duration(lastMs)} ago`;
  return [
    ...types.map(({ type, events }) => `${String(events).padStart(width)}  ${type}`),
    `${sumOf(types)} events, ${size}; the last is ${last}${age}`,
  ];
}

function sumOf(types: JournalStatistics['types']): number {
  return types.reduce((sum, { events }) => sum + events, 0);
}
