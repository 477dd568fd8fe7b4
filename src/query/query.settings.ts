import { Servers } from '../platform/postgres/servers/servers.js';
import { Setting, settings } from '../platform/settings.js';

/** Where the read model is kept. */
export abstract class QuerySettings extends settings({
  databaseUri: new Setting(
    'QUERY_DATABASE_URI',
    (text) => {
      Servers.of(text);
      return text;
    },
    undefined,
    'PostgreSQL of the read model, for the role `query`',
    { fromFile: true },
  ),
}) {}
