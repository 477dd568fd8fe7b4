/** How one setting is called, read and explained; the whole table is in `settings.ts`. */
export interface Setting<T> {
  readonly variable: string;
  readonly flag?: string;
  readonly parse: (text: string) => T;
  readonly fallback: T;
  readonly meaning: string;
}

/** A setting's text is not what it should be; the message completes the sentence "VARIABLE …". */
export class SettingRefused extends Error {}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, `[::1]:port`, or `:port` for every interface. */
export function address(text: string): Address {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65_535)
    throw new SettingRefused(`must be host:port (or :port for every interface), not "${text}"`);
  // '::' takes IPv4 too; an empty host in Go, whose rivals share this convention, means the same.
  return { host: match[1] ?? (match[2] === '' ? '::' : (match[2] ?? '')), port };
}

export function httpUrl(given: string): string {
  // Clients of the original also say localhost:8081, which is a URL of the scheme "localhost:" to
  // the letter.
  const text = /^[\w.-]+:\d+$/.test(given) ? `http://${given}` : given;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash) {
    throw new SettingRefused(`must be a base URL such as http://localhost:8081, not "${given}"`);
  }
  return text.replace(/\/+$/, '');
}

export function postgresUri(text: string): string {
  // A URI without a host, for a socket or PGHOST, is PostgreSQL's own; URL wants one.
  const withHost = text
    .replace(/^postgres(ql)?:\/\//, 'http://')
    .replace(/^http:\/\/([^/@]*@)?(?=\/|$)/, 'http://$1localhost');
  if (!/^postgres(ql)?:\/\/\S+$/.test(text) || !URL.canParse(withHost)) {
    throw new SettingRefused(
      'must be a PostgreSQL URI such as postgres://user:password@localhost:5432/gophermart',
    );
  }
  return text;
}

export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new SettingRefused(`must be a whole number from ${min} to ${max}, not "${text}"`);
    }
    return value;
  };
}

/** 0 turns the thing off; anything else must be what it wants. */
export function orZero(parse: (text: string) => number): (text: string) => number {
  return (text) => {
    if (text === '0') return 0;
    try {
      return parse(text);
    } catch (error) {
      throw error instanceof SettingRefused
        ? new SettingRefused(`${error.message}; or 0 for never`)
        : error;
    }
  };
}

export function yesOrNo(text: string): boolean {
  if (/^(true|1|yes|on)$/i.test(text)) return true;
  if (/^(false|0|no|off)$/i.test(text)) return false;
  throw new SettingRefused(`must be true or false, not "${text}"`);
}

export function oneOf<const T extends string>(...choices: T[]): (text: string) => T {
  return (text) => {
    const choice = choices.find((each) => each === text);
    if (choice === undefined)
      throw new SettingRefused(`must be one of ${choices.join(', ')}, not "${text}"`);
    return choice;
  };
}

export function secret(text: string): string {
  if (Buffer.byteLength(text) < 16)
    throw new SettingRefused('must have at least 16 bytes: a shorter key can be guessed');
  return text;
}
