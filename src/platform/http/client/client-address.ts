import { BlockList, isIP, isIPv4 } from 'node:net';
import { SettingRefused } from '../../settings.js';

/**
 * Whose `X-Forwarded-For` is believed: nobody's, that of so many proxies in front (`true` is one),
 * or that of the proxies with these addresses or in these networks.
 */
export type TrustedProxies = boolean | number | readonly string[];

const MOST_PROXIES = 10;

/** @throws SettingRefused */
export function trustedProxies(text: string): TrustedProxies {
  if (/^(true|yes|on)$/i.test(text)) return true;
  if (/^(false|no|off|0)$/i.test(text)) return false;
  if (/^\d+$/.test(text) && Number(text) <= MOST_PROXIES) return Number(text);
  const places = text.split(',').map((place) => place.trim());
  if (places.every((place) => subnetOf(place) !== undefined)) return places;
  throw new SettingRefused(
    `must be false, the number of proxies in front (at most ${MOST_PROXIES}), or a list of their ` +
      `addresses and networks such as 192.0.2.7,10.0.0.0/8,fd00::/8, not "${text}"`,
  );
}

/** An IP address, or a network of them: `10.0.0.0/8`. Whoever trusts /0 trusts every client. */
function subnetOf(place: string): { address: string; prefix: number } | undefined {
  const [, text = '', length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(place) ?? [];
  const address = plainAddress(text);
  // Brackets and ports belong to entries of a header, and the prefix of an IPv4-mapped network
  // would be one of IPv6.
  if (address === undefined || isIP(text) === 0) return undefined;
  if (address !== text && length !== undefined && isIPv4(address)) return undefined;
  const longest = isIPv4(address) ? 32 : 128;
  const prefix = Number(length ?? longest);
  return prefix >= 1 && prefix <= longest ? { address, prefix } : undefined;
}

/**
 * What Fastify's `trustProxy` takes: whether the entry `hop` of a request is a proxy's, counted
 * from the connection's peer (0) back through `X-Forwarded-For`. The first that is not is the
 * client.
 *
 * Not Fastify's own number and list: a number trusts nobody there, and an entry with a port is no
 * address.
 */
export function trustFunction(
  proxies: TrustedProxies,
): false | ((entry: string, hop: number) => boolean) {
  if (proxies === false) return false;
  if (proxies === true) return (_, hop) => hop < 1;
  if (typeof proxies === 'number') return (_, hop) => hop < proxies;
  const trusted = new BlockList();
  for (const place of proxies) {
    const { address, prefix } = subnetOf(place) ?? { address: '', prefix: 0 };
    trusted.addSubnet(address, prefix, isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return (entry, hop) => {
    if (hop >= MOST_PROXIES) return false;
    const address = plainAddress(entry);
    return address !== undefined && trusted.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
  };
}

/** What of a request says where it comes from. */
export interface Addressed {
  /** What Fastify found by {@link trustFunction}. */
  readonly ip: string | undefined;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/**
 * The address that a client counts as: an IPv4 address, or the /64 network of an IPv6 address,
 * because a customer's connection has all of it. What a proxy wrote and is no address counts as the
 * proxy: it must not be a client of its own for each text.
 */
export function clientAddress({ ip, socket }: Addressed): string {
  const address = plainAddress(ip) ?? plainAddress(socket.remoteAddress);
  // The connection is gone, and so is its address.
  if (address === undefined) return 'unknown';
  return isIPv4(address) ? address : `${groupsOf(address).slice(0, 4).join(':')}::/64`;
}

/**
 * The address itself, of an entry such as `192.0.2.1:443` or `[2001:db8::1]:443`; IPv4 where it is
 * IPv4 written as IPv6 (`::ffff:192.0.2.1`). Undefined for anything else.
 */
function plainAddress(entry = ''): string | undefined {
  const [, bracketed] = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(entry) ?? [];
  const text = bracketed ?? entry.replace(/^([\d.]+):\d{1,5}$/, '$1');
  const [address = ''] = text.split('%', 1);
  if (isIP(text) === 0) return undefined;
  if (isIPv4(address)) return address;
  const groups = groupsOf(address);
  if (groups.slice(0, 6).join() !== '0,0,0,0,0,ffff') return address;
  return groups
    .slice(6)
    .map((group) => parseInt(group, 16))
    .flatMap((group) => [group >> 8, group & 255])
    .join('.');
}

/** The eight groups of an IPv6 address, in the one way that URLs write them. */
function groupsOf(ipv6: string): string[] {
  const canonical = new URL(`http://[${ipv6}]`).hostname.slice(1, -1);
  const [head = [], tail = []] = canonical
    .split('::')
    .map((part) => part.split(':').filter((group) => group !== ''));
  return [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
}
