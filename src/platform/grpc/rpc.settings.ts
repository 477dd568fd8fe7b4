import { readFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { Address } from '../../kernel/application/address.js';
import {
  address,
  type Configured,
  secret,
  Setting,
  SettingRefused,
  settings,
  yesOrNo,
} from '../settings.js';

const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

/** What is in the file. @throws SettingRefused */
function fileOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new SettingRefused(`names a file that cannot be read: ${path} (${code})`);
  }
}

/** A secret that a header can hold. @throws SettingRefused */
function headerSecret(text: string): string {
  if (/^(?! )[ -~]*(?<! )$/.test(text)) return secret(text);
  throw new SettingRefused('must consist of printable ASCII characters: it is sent in a header');
}

/** @throws SettingRefused where the file has none. */
function certificatesOf(path: string): Buffer {
  const file = fileOf(path);
  try {
    new X509Certificate(file);
  } catch (error) {
    throw new SettingRefused(`names a file without a certificate: ${(error as Error).message}`);
  }
  return file;
}

/** @returns why they do not make a TLS server; undefined where they do. */
function mismatchOf(certificate: Buffer, key: Buffer): string | undefined {
  try {
    createSecureContext({ cert: certificate, key });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Where another process is: without a host on this machine. @throws SettingRefused */
function peerAddress(text: string): Address {
  const { host, port } = address(text);
  if (port === 0) throw new SettingRefused('must name the port that the other process has');
  return { host: ['::', '0.0.0.0'].includes(host) ? 'localhost' : host, port };
}

/** Where processes call each other, and what they show. */
export abstract class RpcSettings extends settings({
  address: new Setting<Address | undefined, undefined>(
    'RPC_ADDRESS',
    address,
    undefined,
    'host and port of gRPC; absent: no gRPC',
  ),
  secret: new Setting<string | undefined, undefined>(
    'RPC_SECRET',
    headerSecret,
    undefined,
    'what callers of gRPC must show',
    { fromFile: true, isSecret: true },
  ),
  certificate: new Setting<Buffer | undefined, undefined>(
    'RPC_CERT',
    fileOf,
    undefined,
    'file of the TLS certificate of gRPC (PEM)',
  ),
  key: new Setting<Buffer | undefined, undefined>(
    'RPC_KEY',
    fileOf,
    undefined,
    'file of the key of that certificate (PEM)',
  ),
  billing: new Setting<Address | undefined, undefined>(
    'BILLING_ADDRESS',
    peerAddress,
    undefined,
    'where a portal calls `billing`; absent: in its process',
  ),
  query: new Setting<Address | undefined, undefined>(
    'QUERY_ADDRESS',
    peerAddress,
    undefined,
    'where a portal calls `query`; absent: it reads from billing',
  ),
  ca: new Setting<Buffer | undefined, undefined>(
    'RPC_CA',
    certificatesOf,
    undefined,
    'file of the TLS certificates that a portal trusts (PEM)',
  ),
  insecure: new Setting('RPC_INSECURE', yesOrNo, false, 'gRPC beyond loopback without TLS'),
}) {
  static override contradictions(values: Configured<typeof RpcSettings.table>): string[] {
    const { address: served, secret: shown, certificate, key, billing, query, ca } = values;
    const places = { RPC_ADDRESS: served, BILLING_ADDRESS: billing, QUERY_ADDRESS: query };
    const used = Object.entries(places).filter(([, place]) => place !== undefined);
    const isBeyond = (place: Address | undefined): boolean =>
      place !== undefined && !values.insecure && !LOOPBACK.includes(place.host);
    const hasTls = certificate !== undefined && key !== undefined;
    const mismatch = served && hasTls ? mismatchOf(certificate, key) : undefined;
    const untrusted = used.filter(
      ([name, place]) => name !== 'RPC_ADDRESS' && ca === undefined && isBeyond(place),
    );
    const orInsecure = 'or, where the network is trusted, RPC_INSECURE=true';
    return [
      ...used
        .slice(0, shown === undefined ? 1 : 0)
        .map(([name]) => `RPC_SECRET must be set where ${name} is`),
      ...(served && certificate === undefined && key !== undefined
        ? ['RPC_KEY needs RPC_CERT']
        : []),
      ...(served && certificate !== undefined && key === undefined
        ? ['RPC_CERT needs RPC_KEY']
        : []),
      ...(mismatch === undefined ? [] : [`RPC_CERT and RPC_KEY do not go together: ${mismatch}`]),
      ...(hasTls || !isBeyond(served)
        ? []
        : [`RPC_ADDRESS is beyond loopback: set RPC_CERT and RPC_KEY, ${orInsecure}`]),
      ...untrusted.map(([name]) => `${name} is beyond loopback: set RPC_CA, ${orInsecure}`),
    ];
  }
}
