/**
 * How long a reply asks to wait, in milliseconds; undefined where it does not say. From seconds or
 * a date (RFC 9110, 10.2.3). The date is compared with the reply's own: whose clock is wrong does
 * not matter then.
 *
 * @param now in milliseconds since 1970, for a reply that has no date itself.
 */
export function readRetryAfter(now: number, retryAfter = '', date = ''): number | undefined {
  if (/^\s*\d+\s*$/.test(retryAfter)) return Number(retryAfter) * 1_000;
  const until = readHttpDate(retryAfter, now);
  return until === undefined ? undefined : until - (readHttpDate(date, now) ?? now);
}

const CLOCK = '(?<clock>[\\d:]{8})';
const MONTH = '(?<month>[A-Z][a-z]{2})';

/** The three forms of a date in HTTP (RFC 9110, 5.6.7): today's, RFC 850's, asctime's. */
const HTTP_DATES = [
  `[A-Z][a-z]{2}, (?<day>\\d\\d) ${MONTH} (?<year>\\d{4}) ${CLOCK} GMT`,
  `[A-Z][a-z]{5,8}, (?<day>\\d\\d)-${MONTH}-(?<year>\\d\\d) ${CLOCK} GMT`,
  `[A-Z][a-z]{2} ${MONTH} (?<day>[ \\d]\\d) ${CLOCK} (?<year>\\d{4})(?: GMT)?`,
].map((form) => new RegExp(`^\\s*${form}\\s*$`));

/**
 * In milliseconds since 1970; undefined where it is no date. Not by Date.parse alone: it reads a
 * date into most texts, knows a 31st of February, and takes asctime's form for local time.
 */
function readHttpDate(text: string, now: number): number | undefined {
  const found = HTTP_DATES.map((form) => form.exec(text)?.groups).find((groups) => groups);
  if (!found) return undefined;
  const { day = '', month = '', year = '', clock = '' } = found;
  const date = `${day.replace(' ', '0')} ${month} ${fullYear(year, now)} ${clock} GMT`;
  const at = new Date(date);
  return at.toUTCString().endsWith(date) ? at.getTime() : undefined;
}

/** Of two digits: no more than 50 years from now. */
function fullYear(digits: string, now: number): number {
  const year = Number(digits);
  if (digits.length === 4) return year;
  const thisYear = new Date(now).getUTCFullYear();
  const guess = thisYear - (thisYear % 100) + year;
  return guess > thisYear + 50 ? guess - 100 : guess;
}
