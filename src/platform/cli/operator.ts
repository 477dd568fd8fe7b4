import { userInfo } from 'node:os';
import type { Given } from './command-line.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** In its largest unit, rounded down: 59 s, 3 min, 47 h, 2 d. */
export function duration(ms: number): string {
  if (ms < MINUTE) return `${Math.max(0, Math.floor(ms / SECOND))} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${Math.floor(ms / DAY)} d`;
}

/** A moment, to the second, in UTC. */
export function moment(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** The option of every command that changes something: who gives it, which the journal keeps. */
export const BY = ['--by [name]', 'who gives the command, for the journal', systemUser()] as const;

/** @returns the value of {@link BY}. */
export function givenBy({ values: { by = '' }, problems }: Given): string {
  if (by.trim() === '') problems.push('--by needs a name');
  return by;
}

function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user that its system does not know.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
