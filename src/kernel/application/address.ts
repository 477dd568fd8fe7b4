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
