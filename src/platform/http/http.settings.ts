import {
  type Address,
  addressWithoutSecrets,
  parseAddress,
} from '../../kernel/application/address.js';
import { Setting, SettingRefused, settings, wholeNumber } from '../settings.js';
import { trustedProxies } from './client/client-address.js';

/** Where something is served: at an address of its own, nowhere, or (undefined) at the API's. */
export type Place = Address | 'off' | undefined;

function place(text: string): Place {
  if (text === 'off') return 'off';
  const read = parseAddress(text);
  if (read) return read;
  throw new SettingRefused(
    `must be host:port, :port for every interface, or off, not "${addressWithoutSecrets(text)}"`,
  );
}

/** Origins as browsers send them, with commas between. */
function origins(text: string): readonly string[] {
  return text.split(',').map((each) => {
    const origin = each.trim();
    if (/^https?:/.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin)
      return origin;
    throw new SettingRefused(
      `must be origins such as https://shop.example, with commas between, not "${origin}"`,
    );
  });
}

const NO_ORIGINS: readonly string[] = [];

/** How HTTP requests are taken. */
export abstract class HttpSettings extends settings({
  bodyLimit: new Setting(
    'BODY_LIMIT',
    wholeNumber(2048, 1_048_576),
    65_536,
    'bytes of a request body, packed and unpacked',
  ),
  trustProxy: new Setting(
    'TRUST_PROXY',
    trustedProxies,
    false,
    'proxies in front: their number, or addresses and networks',
  ),
  corsOrigins: new Setting(
    'CORS_ORIGINS',
    origins,
    NO_ORIGINS,
    'origins whose pages may call the API by Bearer token, with commas between',
  ),
  metricsAddress: new Setting(
    'METRICS_ADDRESS',
    place,
    undefined,
    'host and port for `/metrics` alone; absent: the API’s; off: none',
  ),
  docsAddress: new Setting(
    'DOCS_ADDRESS',
    place,
    undefined,
    'host and port for `/docs` alone; absent: the API’s; off: none',
  ),
}) {}
