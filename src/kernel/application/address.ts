/** Where a server listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `host:port`, `[::1]:port`, or `:port` for every interface.
 *
 * @returns undefined for anything else.
 */
export function parseAddress(text: string): Address | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65_535) return undefined;
  // Without a host Go, in which the original is written, listens on IPv4 and IPv6. So does '::'.
  return { host: match[1] ?? (match[2] || '::'), port };
}

/** The URL of a server, as a client on the same machine needs it. */
export function baseUrl({ host, port }: Address): string {
  // One cannot connect to "every interface", but to this machine's own name.
  if (host === '::' || host === '0.0.0.0') return `http://localhost:${port}`;
  return host.includes(':') ? `http://[${host}]:${port}` : `http://${host}:${port}`;
}

/** Others are plain words, or hosts with ports, which need not be taken apart. */
const MAY_HAVE_SECRETS = /[@?#=]|\/\//;

const HOST = String.raw`(?:[\w.-]*|\[[\da-f:.]+\])(?::\d*)?`;
/** Scheme, user and password, hosts, path, and the rest. */
const ADDRESS = new RegExp(
  String.raw`^([a-z][a-z\d+.-]*://)?(?:[^/?#\s]*@)?(${HOST}(?:,${HOST})*)(/(?!/)[^?#@\s]*)?(?:[?#][^@\s]*)?$`,
  'i',
);

/**
 * An address for messages and logs, which end up in tickets: scheme, hosts and path. User and
 * password stay out, and so does the query, which may have a password or a token.
 *
 * @returns `…` for what cannot be taken apart, because its password may be anywhere.
 */
export function addressWithoutSecrets(text: string): string {
  if (!MAY_HAVE_SECRETS.test(text)) return text;
  const parts = ADDRESS.exec(text);
  if (!parts) return '…';
  const [, scheme = '', hosts = '', path = ''] = parts;
  return `${scheme}${hosts}${path}`;
}

/**
 * A user or a password out of an address. A percent sign that encodes nothing stands for itself, as
 * it does to curl.
 */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
