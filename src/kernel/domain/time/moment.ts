/** A moment, by the milliseconds of Unix time around it: one, if it is a whole millisecond. */
export interface Moment {
  readonly floorMs: number;
  readonly ceilMs: number;
}

// The plus sign of an offset is a space where a client has put it into a URL as it stands.
const RFC_3339 =
  /^(\d{4}-\d\d-\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,20}))?(?:[Zz]|([+ -])(\d\d):(\d\d))$/;

const FIRST_MS = Date.parse('0001-01-01T00:00:00Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * Reads a time as RFC 3339 has it: with an offset, and with as many digits of the second as one
 * likes.
 *
 * @returns undefined for anything else, for a day or hour that there is not, and for what is not
 * within the years 1 to 9999 of universal time.
 */
export function readMoment(text: string): Moment | undefined {
  const [, day = '', ...parts] = RFC_3339.exec(text) ?? [];
  const [hour = '', minute = '', second = '', fraction = '', sign, ...offset] = parts;
  const midnight = Date.parse(`${day}T00:00:00Z`);
  const [offsetHours, offsetMinutes] = [Number(offset[0] ?? 0), Number(offset[1] ?? 0)];
  const isThere =
    // JavaScript takes 30 February for 1 March.
    !Number.isNaN(midnight) &&
    new Date(midnight).toISOString().startsWith(day) &&
    Number(hour) <= 23 &&
    Number(minute) <= 59 &&
    // A leap second is the first one of the next minute.
    Number(second) <= 60 &&
    offsetHours <= 23 &&
    offsetMinutes <= 59;
  if (!isThere) return undefined;
  const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
  const ahead = (offsetHours * 60 + offsetMinutes) * 60 * (sign === '-' ? -1 : 1);
  const wholeMs = midnight + (seconds - ahead) * 1_000;
  const floorMs = wholeMs + Number(fraction.slice(0, 3).padEnd(3, '0'));
  const ceilMs = floorMs + (/[1-9]/.test(fraction.slice(3)) ? 1 : 0);
  return floorMs < FIRST_MS || ceilMs > LAST_MS ? undefined : { floorMs, ceilMs };
}
