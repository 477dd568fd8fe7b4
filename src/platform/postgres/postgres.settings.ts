import { Setting, settings, wholeNumber } from '../settings.js';
import { Servers } from './servers/servers.js';

/** Which database the service uses, and how many connections to it. */
export abstract class PostgresSettings extends settings({
  uri: new Setting(
    'DATABASE_URI',
    (text) => {
      Servers.of(text);
      return text;
    },
    undefined,
    'PostgreSQL; absent: an embedded one starts',
    { flag: 'd', fromFile: true },
  ),
  pool: new Setting('DATABASE_POOL', wholeNumber(3, 200), 10, 'connections to PostgreSQL'),
}) {}
