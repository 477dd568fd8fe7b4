import { Setting, settings, wholeNumber, yesOrNo } from '../settings.js';

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
    yesOrNo,
    false,
    'take the client’s address from X-Forwarded-For',
  ),
}) {}
