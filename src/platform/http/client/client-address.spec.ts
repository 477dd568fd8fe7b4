import { describe, expect, it } from '@jest/globals';
import { fastify } from 'fastify';
import { SettingRefused } from '../../settings.js';
import {
  clientAddress,
  type TrustedProxies,
  trustedProxies,
  trustFunction,
} from './client-address.js';

describe(trustedProxies, () => {
  it.each<[string, TrustedProxies]>([
    ['false', false],
    ['off', false],
    ['0', false],
    ['true', true],
    ['YES', true],
    ['1', 1],
    ['3', 3],
    ['10.0.0.7', ['10.0.0.7']],
    ['192.0.2.7, 10.0.0.0/8,fd00::/8', ['192.0.2.7', '10.0.0.0/8', 'fd00::/8']],
    ['::ffff:10.0.0.7', ['::ffff:10.0.0.7']],
  ])('reads %s', (text, expected) => {
    expect(trustedProxies(text)).toEqual(expected);
  });

  it.each([
    '-1',
    '11',
    '1.5',
    'loopback',
    'proxy.example',
    '10.0.0.0/33',
    '10.0.0.0/',
    '0.0.0.0/0',
    '::/0',
    'fd00::/129',
    '10.0.0',
    '10.0.0.7,',
    '10.0.0.7:80',
    '[::1]',
    '::ffff:10.0.0.0/104',
  ])('refuses %s', (text) => {
    expect(() => trustedProxies(text)).toThrow(SettingRefused);
    expect(() => trustedProxies(text)).toThrow(`not "${text}"`);
  });
});

/** The address of a request that arrives from `peer`, with `X-Forwarded-For` as it is written. */
async function addressOf(
  proxies: TrustedProxies,
  peer: string,
  forwardedFor: string | readonly string[] = [],
): Promise<string> {
  const server = fastify({ trustProxy: trustFunction(proxies) });
  server.get('/', (request) => clientAddress(request));
  const { body } = await server.inject({
    url: '/',
    remoteAddress: peer,
    headers: { 'x-forwarded-for': forwardedFor as string[] },
  });
  await server.close();
  return body;
}

const [PROXY, INNER, CLIENT, FORGED] = ['10.0.0.1', '10.0.0.2', '203.0.113.7', '198.51.100.1'];

describe(clientAddress, () => {
  it.each<[string, TrustedProxies, string, string]>([
    ['nobody is trusted', false, CLIENT, PROXY],
    ['one proxy is in front', true, `${FORGED}, ${CLIENT}`, CLIENT],
    ['one proxy is in front', 1, CLIENT, CLIENT],
    ['two are, and the client wrote before them', 2, `${FORGED}, ${CLIENT}, ${INNER}`, CLIENT],
    ['two are, and one alone wrote', 2, CLIENT, CLIENT],
    ['nobody wrote', 1, '', PROXY],
    ['the peer is listed', [PROXY], `${FORGED}, ${CLIENT}`, CLIENT],
    ['the network is listed', ['10.0.0.0/8'], `${FORGED}, ${CLIENT}, ${INNER}`, CLIENT],
    ['the peer is not listed', ['192.0.2.1'], CLIENT, PROXY],
    ['a listed proxy writes its port', ['10.0.0.0/8'], `${FORGED}, ${CLIENT}, ${INNER}:9`, CLIENT],
    ['the proxy writes the client’s port', 1, `${FORGED}, ${CLIENT}:50123`, CLIENT],
  ])('when %s: %j of %j', async (_, proxies, header, expected) => {
    await expect(addressOf(proxies, PROXY, header)).resolves.toBe(expected);
  });

  it('believes no chain that is longer than any', async () => {
    const chain = Array.from({ length: 12 }, (_, i) => `10.0.1.${i + 1}`).join(', ');
    await expect(addressOf(['10.0.0.0/8'], PROXY, `${CLIENT}, ${chain}`)).resolves.toBe('10.0.1.3');
  });

  it('reads several headers as one, in their order', async () => {
    await expect(addressOf(1, PROXY, [FORGED, CLIENT])).resolves.toBe(CLIENT);
  });

  it.each(['unknown', '_hidden', "' OR 1=1", '1.2.3.4.5', '1.2.3.4:port', '[::1', 'a'.repeat(900)])(
    'counts %j, which is no address, as the peer',
    async (garbage) => {
      for (const proxies of [1, ['10.0.0.0/8']] as const)
        await expect(addressOf(proxies, PROXY, `${CLIENT}, ${garbage}`)).resolves.toBe(PROXY);
    },
  );

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:0DB8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::1]:443', '2001:db8:1:2::/64'],
    ['2001:db8:1:3::1', '2001:db8:1:3::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::ffff:203.0.113.7', CLIENT],
    ['::FFFF:cb00:7107', CLIENT],
    ['[::ffff:203.0.113.7]:443', CLIENT],
  ])('counts %s as %s', async (entry, expected) => {
    await expect(addressOf(1, PROXY, entry)).resolves.toBe(expected);
    expect(clientAddress({ ip: entry, socket: {} })).toBe(expected);
  });

  it('believes a listed IPv4 proxy whose connection is one of IPv6', async () => {
    await expect(addressOf([PROXY], `::ffff:${PROXY}`, CLIENT)).resolves.toBe(CLIENT);
    await expect(addressOf([`::ffff:${PROXY}`], PROXY, CLIENT)).resolves.toBe(CLIENT);
    await expect(addressOf(['fd00::/8'], 'fd00::1', CLIENT)).resolves.toBe(CLIENT);
  });

  it('of a connection that is gone is the same for all', () => {
    expect(clientAddress({ ip: undefined, socket: {} })).toBe('unknown');
  });
});
