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

/** `1 task`, `2 tasks`; with what they do: `1 task waits`, `2 tasks wait`. */
export function tasks(count: number, verbOfOne = '', verbOfMany = ''): string {
  return (count === 1 ? `1 task ${verbOfOne}` : `${count} tasks ${verbOfMany}`).trimEnd();
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
