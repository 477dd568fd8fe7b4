import { Client, type ClientBase, type ClientConfig } from 'pg';
import { SettingRefused } from '../../settings.js';

/** What a session must be able to do, as libpq's `target_session_attrs` means it. */
const SESSION_ATTRIBUTES = {
  any: 'true',
  'read-write': `current_setting('transaction_read_only') = 'off'`,
  primary: 'NOT pg_is_in_recovery()',
} as const;
type SessionAttributes = keyof typeof SESSION_ATTRIBUTES;

/** What stands before the hosts, the hosts, the path, and the parameters. */
const PARTS = /^(postgres(?:ql)?:\/\/(?=\S)(?:[^@/?#\s]*@)?)([^/?#\s]*)([^?#\s]*)(?:\?([^#\s]*))?$/;
const TARGET = 'target_session_attrs';

/**
 * The servers that a URI names, such as `postgres://user:password@one,two:5433/gophermart`. A new
 * connection goes to the one that served last, and otherwise to the next one that answers and has
 * what `target_session_attrs` wants.
 */
export class Servers {
  #current = 0;

  private constructor(
    /** A URI for each server. */
    readonly uris: readonly [string, ...string[]],
    private readonly attributes: SessionAttributes,
  ) {}

  /** @throws SettingRefused with what is wrong, completing the sentence "DATABASE_URI …". */
  static of(text: string): Servers {
    const [, start, hosts, path, query = ''] = PARTS.exec(text) ?? [];
    if (start === undefined || hosts === undefined || path === undefined) throw notAUri();
    if (/%(?![0-9a-f]{2})/i.test(text))
      throw new SettingRefused(
        'has a % that two hexadecimal digits do not follow: write %25 for it in a password',
      );
    const attributes = new URLSearchParams(query).get(TARGET) ?? 'any';
    if (!isKnown(attributes)) {
      const known = Object.keys(SESSION_ATTRIBUTES).join(', ');
      throw new SettingRefused(`must have one of ${known} as ${TARGET}, not "${attributes}"`);
    }
    const parameters = query.split('&').filter((each) => !each.startsWith(`${TARGET}=`));
    const end = parameters.join('') === '' ? path : `${path}?${parameters.join('&')}`;
    const [first = '', ...others] = hosts.split(',').map((host) => `${start}${host}${end}`);
    if (![first, ...others].every(isPostgresUri)) throw notAUri();
    return new Servers([first, ...others], attributes);
  }

  /** The URI of the server that the next connection goes to. */
  get current(): string {
    return this.uris[this.#current] ?? this.uris[0];
  }

  /** After a failure to connect there: the next connection goes to the next server. */
  failed(uri: string): void {
    if (uri === this.current) this.#current = (this.#current + 1) % this.uris.length;
  }

  /** @throws Error where the session cannot do what `target_session_attrs` wants. */
  async check(client: ClientBase): Promise<void> {
    if (this.attributes === 'any') return;
    const { rows } = await client.query<{ serves: boolean }>(
      `SELECT ${SESSION_ATTRIBUTES[this.attributes]} AS serves`,
    );
    if (!rows[0]?.serves) throw new Error(`the server is not ${this.attributes} (${TARGET})`);
  }
}

/** A client of `pg` that goes to the server that is current when it is made. */
export class ServerClient extends Client {
  readonly #servers: Servers;
  readonly #uri: string;

  constructor(servers: Servers, config: ClientConfig) {
    const uri = servers.current;
    super({ ...config, connectionString: uri });
    this.#servers = servers;
    this.#uri = uri;
    // A connection that breaks between two statements fails the next one, which reports it. Without
    // a listener its error would end the process.
    this.on('error', () => undefined);
  }

  /** With a callback as a pool calls it. @throws whatever keeps the server from serving. */
  override connect(): Promise<this>;
  override connect(callback: (error?: Error) => void): void;
  override connect(callback?: (error?: Error) => void): Promise<this> | undefined {
    const connected = this.#connect();
    if (!callback) return connected;
    connected.then(() => callback(), callback);
    return undefined;
  }

  async #connect(): Promise<this> {
    try {
      await super.connect();
      await this.#servers.check(this);
      return this;
    } catch (error) {
      this.#servers.failed(this.#uri);
      void this.end().catch(() => undefined);
      throw error;
    }
  }
}

function isKnown(text: string): text is SessionAttributes {
  return Object.hasOwn(SESSION_ATTRIBUTES, text);
}

function isPostgresUri(uri: string): boolean {
  // A URI without a host, for a socket or PGHOST, is PostgreSQL's own; URL wants one.
  return URL.canParse(
    uri
      .replace(/^postgres(ql)?:\/\//, 'http://')
      .replace(/^http:\/\/([^/@]*@)?(?=[/?]|$)/, 'http://$1localhost'),
  );
}

function notAUri(): SettingRefused {
  return new SettingRefused(
    'must be a PostgreSQL URI such as postgres://user:password@localhost:5432/gophermart',
  );
}
