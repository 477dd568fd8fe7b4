import {
  type Address,
  addressWithoutSecrets,
  parseAddress,
} from '../kernel/application/address.js';

/** A setting's text is not what it should be; the message completes the sentence "VARIABLE …". */
export class SettingRefused extends Error {}

export interface SettingOptions {
  /** A letter: `a` is `-a` on the command line. */
  readonly flag?: string;
  /** What an earlier version called the variable; counts where the variable is not set. */
  readonly olderName?: string;
  /** Whether the variable with `_FILE` behind its name may name a file that holds the value. */
  readonly fromFile?: boolean;
  /** Whether no log may show it. Of an address user, password and query stay out anyway. */
  readonly isSecret?: boolean;
}

/** How one setting is called, read and explained. */
export class Setting<T, Fallback extends T | undefined> {
  /**
   * @param parse throws {@link SettingRefused}.
   * @param fallback is taken where nothing is configured. It is undefined where the start of the
   * service finds a value: it starts a database of its own, for example.
   * @param meaning stands in the README's table.
   */
  constructor(
    readonly variable: string,
    readonly parse: (text: string) => T,
    readonly fallback: Fallback,
    readonly meaning: string,
    readonly options: SettingOptions = {},
  ) {}

  /** The default as somebody would configure it; empty where the start finds a value. */
  get defaultText(): string {
    const { fallback } = this;
    if (typeof fallback !== 'object' || Array.isArray(fallback)) return String(fallback ?? '');
    const { host, port } = fallback as unknown as Address;
    return `${host}:${port}`;
  }
}

/** A setting's value for the log, in the words of the configuration; undefined: there is none. */
export function shown({ options }: Setting<unknown, unknown>, value: unknown): string | undefined {
  if (value === undefined || value === '') return undefined;
  // Of a file that the setting names.
  if (options.isSecret || Buffer.isBuffer(value)) return '***';
  if (Array.isArray(value)) return value.join(',');
  if (typeof value === 'object') {
    const { host, port } = value as Address;
    return `${host}:${port}`;
  }
  return addressWithoutSecrets(typeof value === 'string' ? value : JSON.stringify(value));
}

/** Settings by name. Those that belong together may stand in an object of their own. */
export interface SettingTable {
  readonly [name: string]: Setting<unknown, unknown> | SettingTable;
}

/** What a table's settings are when the service runs. */
export type Values<Table> = {
  readonly [Name in keyof Table]: Table[Name] extends Setting<unknown, unknown>
    ? ReturnType<Table[Name]['parse']>
    : Values<Table[Name]>;
};

/** What is known of them from the configuration alone: undefined where the start finds a value. */
export type Configured<Table> = {
  readonly [Name in keyof Table]: Table[Name] extends Setting<unknown, unknown>
    ? ReturnType<Table[Name]['parse']> | Table[Name]['fallback']
    : Configured<Table[Name]>;
};

/** A class whose instances are {@link Values} of `table`. */
export interface SettingsClass<Table> {
  new (): Values<Table>;
  readonly table: Table;
  /**
   * What the settings of this table contradict, a sentence each.
   *
   * @param refused names the variables that were refused. Their settings are undefined here.
   */
  contradictions(values: Configured<Table>, refused: ReadonlySet<string>): string[];
}

/**
 * The base of a module's settings: type, token for dependency injection, and table in one.
 *
 * @example class MailSettings extends settings({ port: new Setting('MAIL_PORT', …) }) {}
 */
export function settings<const Table extends SettingTable>(table: Table): SettingsClass<Table> {
  return class extends Object {
    static readonly table = table;

    static contradictions(): string[] {
      return [];
    }
  } as unknown as SettingsClass<Table>;
}

/** `host:port`, `[::1]:port`, or `:port` for every interface. */
export function address(text: string): Address {
  const read = parseAddress(text);
  if (!read)
    throw new SettingRefused(
      `must be host:port (or :port for every interface), not "${addressWithoutSecrets(text)}"`,
    );
  return read;
}

export function httpUrl(given: string): string {
  // Clients of the original also say localhost:8081, which is a URL of the scheme "localhost:" to
  // the letter.
  const text = /^[\w.-]+:\d+$/.test(given) ? `http://${given}` : given;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash) {
    throw new SettingRefused(
      `must be a base URL such as http://localhost:8081, not "${addressWithoutSecrets(given)}"`,
    );
  }
  return text.replace(/\/+$/, '');
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

/** 0 turns the thing off; anything else is for `parse`. */
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
