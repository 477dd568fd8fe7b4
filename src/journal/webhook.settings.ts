import { addressWithoutSecrets } from '../kernel/application/address.js';
import { type Configured, Setting, SettingRefused, settings } from '../platform/settings.js';

function receiver(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new SettingRefused(
      `must be a URL such as https://shop.example/hooks, not "${addressWithoutSecrets(text)}"`,
    );
  // It is never sent: whoever has set one expects something else.
  if (url.hash !== '') throw new SettingRefused('must be a URL without a fragment (#…)');
  return text;
}

const PREFIX = 'whsec_';

/** Bytes of a key, as the Standard Webhooks specification has them. */
const FEWEST = 24;
const MOST = 64;

/** The messages do not repeat it. */
function signingSecret(text: string): string {
  const encoded = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : '';
  const key = Buffer.from(encoded, 'base64');
  if (encoded === '' || key.toString('base64') !== encoded)
    throw new SettingRefused(`must be ${PREFIX} and then base64 (openssl rand -base64 32)`);
  if (key.length < FEWEST || key.length > MOST)
    throw new SettingRefused(
      `must have a key of ${FEWEST} to ${MOST} bytes in base64, and has ${key.length}`,
    );
  return text;
}

/** The receiver to which events are posted. */
export abstract class WebhookSettings extends settings({
  url: new Setting<string | undefined, undefined>(
    'WEBHOOK_URL',
    receiver,
    undefined,
    'where events are posted to; absent: no webhooks',
    // Its path may be a token.
    { isSecret: true },
  ),
  secret: new Setting<string | undefined, undefined>(
    'WEBHOOK_SECRET',
    signingSecret,
    undefined,
    '`whsec_` and a base64 key, by which webhooks are signed',
    { fromFile: true, isSecret: true },
  ),
}) {
  static override contradictions(
    { url, secret }: Configured<typeof WebhookSettings.table>,
    refused: ReadonlySet<string>,
  ): string[] {
    const problems: string[] = [];
    if (url !== undefined && secret === undefined && !refused.has('WEBHOOK_SECRET'))
      problems.push('WEBHOOK_SECRET must be set where WEBHOOK_URL is: every webhook is signed');
    if (secret !== undefined && url === undefined && !refused.has('WEBHOOK_URL'))
      problems.push('WEBHOOK_URL must be set where WEBHOOK_SECRET is: or nothing is posted');
    return problems;
  }
}
