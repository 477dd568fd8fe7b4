import { Setting, settings, wholeNumber } from '../settings.js';
import { trustedProxies } from './client/client-address.js';

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
}) {}
