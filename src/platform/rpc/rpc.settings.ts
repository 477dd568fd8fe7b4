import { readFileSync } from 'node:fs';
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

/** @returns why they do not make a TLS server; undefined where they do. */
function mismatchOf(certificate: Buffer, key: Buffer): string | undefined {
  try {
    createSecureContext({ cert: certificate, key });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Where other processes call this one, and what they show. */
export abstract class RpcSettings extends settings({
  address: new Setting<Address | undefined, undefined>(
    'RPC_ADDRESS',
    address,
    undefined,
    'host and port of gRPC; absent: no gRPC',
  ),
  secret: new Setting<string | undefined, undefined>(
    'RPC_SECRET',
    secret,
    undefined,
    'what callers of gRPC must show',
    { fromFile: true },
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
  insecure: new Setting('RPC_INSECURE', yesOrNo, false, 'gRPC beyond loopback without TLS'),
}) {
  static override contradictions(values: Configured<typeof RpcSettings.table>): string[] {
    const { address: place, secret: shown, certificate, key, insecure } = values;
    if (place === undefined) return [];
    const hasTls = certificate !== undefined && key !== undefined;
    const mismatch = hasTls ? mismatchOf(certificate, key) : undefined;
    return [
      ...(shown === undefined ? ['RPC_SECRET must be set where RPC_ADDRESS is'] : []),
      ...(certificate === undefined && key !== undefined ? ['RPC_KEY needs RPC_CERT'] : []),
      ...(certificate !== undefined && key === undefined ? ['RPC_CERT needs RPC_KEY'] : []),
      ...(mismatch === undefined ? [] : [`RPC_CERT and RPC_KEY do not go together: ${mismatch}`]),
      ...(hasTls || insecure || LOOPBACK.includes(place.host)
        ? []
        : [
            'RPC_ADDRESS is beyond loopback: set RPC_CERT and RPC_KEY, or, where the network is ' +
              'trusted, RPC_INSECURE=true',
          ]),
    ];
  }
}
