import { addressWithoutSecrets } from '../../kernel/application/address.js';
import { Setting, SettingRefused, settings } from '../settings.js';

function brokerUri(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^amqps?:$/.test(url.protocol) || url.hostname === '')
    throw new SettingRefused(
      `must be a URI such as amqp://localhost:5672, not "${addressWithoutSecrets(text)}"`,
    );
  return text;
}

/** The broker that carries events. */
export abstract class AmqpSettings extends settings({
  uri: new Setting<string | undefined, undefined>(
    'AMQP',
    brokerUri,
    undefined,
    'RabbitMQ’s URI: relay publishes to it, query reads; absent: no broker',
    { olderName: 'AMPQ', fromFile: true },
  ),
}) {}
