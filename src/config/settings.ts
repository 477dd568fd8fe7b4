import { AuthSettings } from '../auth/index.js';
import { CashbackSettings } from '../cashback/index.js';
import { JournalSettings } from '../journal/index.js';
import { HttpSettings } from '../platform/http/http.settings.js';
import { PostgresSettings } from '../platform/postgres/postgres.settings.js';
import { type Configured, Setting, type SettingTable, type Values } from '../platform/settings.js';
import { ReconciliationSettings } from '../reconciliation/index.js';
import { ProcessSettings } from './process.settings.js';

/**
 * The settings of all modules, each under its name in the configuration. The README's table is
 * tested against them.
 */
export const SETTINGS = {
  process: ProcessSettings,
  postgres: PostgresSettings,
  http: HttpSettings,
  auth: AuthSettings,
  cashback: CashbackSettings,
  journal: JournalSettings,
  reconciliation: ReconciliationSettings,
};

type Modules = typeof SETTINGS;

/** What is configured, read once at the start. */
export type Config = { readonly [Name in keyof Modules]: Configured<Modules[Name]['table']> };

/** The same with nothing left open. */
export type ResolvedConfig = { readonly [Name in keyof Modules]: Values<Modules[Name]['table']> };

/** Every setting of a table, in order. */
export function settingsOf(table: SettingTable): Setting<unknown, unknown>[] {
  return Object.values(table).flatMap((each) =>
    each instanceof Setting ? [each] : settingsOf(each),
  );
}

/** What an operator should know of a configuration that is not wrong, a sentence each. */
export function remarksOn({ http, auth, process }: Config): string[] {
  const isShort = auth.jwtSecret !== undefined && Buffer.byteLength(auth.jwtSecret) < 32;
  return [
    ...(http.trustProxy === true
      ? ['TRUST_PROXY=true counts as 1: one proxy in front. Say how many, or list their addresses']
      : []),
    ...(isShort && process.environment === 'production'
      ? ['JWT_SECRET has less than 32 bytes, the length of a hash of its tokens: take a longer one']
      : []),
    ...(auth.salt === undefined
      ? []
      : ['SALT is not needed any more: each password has a salt of its own']),
  ];
}

/** Puts in what was found for the settings that the configuration may leave open. */
export function resolveConfig(
  config: Config,
  found: {
    readonly databaseUri: string;
    readonly accrualAddress: string;
    readonly jwtSecret: string;
  },
): ResolvedConfig {
  return {
    ...config,
    postgres: { ...config.postgres, uri: found.databaseUri },
    auth: { ...config.auth, jwtSecret: found.jwtSecret },
    cashback: { ...config.cashback, accrualAddress: found.accrualAddress },
  };
}
