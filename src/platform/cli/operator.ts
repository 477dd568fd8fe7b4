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

/** How things stand after a command has done what it was told: that it has is said in any case. */
export function ifKnown<T>(reading: Promise<T>): Promise<T | undefined> {
  return reading.catch(() => undefined);
}

/**
 * Text of others on one line of a terminal: what would move its cursor, or change its colours, is
 * made visible.
 */
export function oneLine(text: string, length: number): string {
  const characters = Array.from(text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '·'));
  return characters.length <= length
    ? characters.join('')
    : `${characters.slice(0, length - 1).join('')}…`;
}

/** The option of commands that print one JSON object for programs. */
export const JSON_OPTION = ['--json', 'for programs: one JSON object'] as const;

/** The option of lists, which end somewhere. */
export const LIMIT = ['--limit [n]', 'how many at most', '50'] as const;

/** The most that {@link LIMIT} can be. */
export const MOST_LISTED = 100_000;

/** @returns the value of {@link LIMIT}. */
export function givenLimit({ values: { limit: text = '' }, problems }: Given): number {
  const limit = /^\d+$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > MOST_LISTED)
    problems.push(`--limit must be a whole number from 1 to ${MOST_LISTED}, not "${text}"`);
  return limit;
}

/** The option of every command that changes something: who gives it, which the journal keeps. */
export const BY = ['--by [name]', 'who gives the command, for the journal', systemUser()] as const;

/** Of a name, in characters. */
const LONGEST_NAME = 200;

/** @returns the value of {@link BY}. */
export function givenBy(given: Given): string {
  return textOf('by', given, LONGEST_NAME) ?? '';
}

/** A text for people, in one line: what terminals would obey is no part of it. */
export function textOf(
  option: string,
  { values, problems }: Given,
  longest: number,
): string | undefined {
  const text = values[option];
  if (text === undefined) return undefined;
  if (text.trim() === '') problems.push(`--${option} needs a text`);
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text) || !text.isWellFormed())
    problems.push(`--${option} must have no control characters and be one line`);
  const length = Array.from(text).length;
  if (length > longest)
    problems.push(`--${option} has at most ${longest} characters, not ${length}`);
  return text;
}

function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user that its system does not know.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
