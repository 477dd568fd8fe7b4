import { AuthSettings } from '../auth/auth.settings.js';
import { CashbackSettings } from '../cashback/cashback.settings.js';
import { WebhookSettings } from '../journal/webhook.settings.js';
import { LiveSettings } from '../live/live.settings.js';
import { AmqpSettings } from '../platform/amqp/amqp.settings.js';
import { HttpSettings } from '../platform/http/http.settings.js';
import { PostgresSettings } from '../platform/postgres/postgres.settings.js';
import { RpcSettings } from '../platform/grpc/rpc.settings.js';
import {
  type Configured,
  Setting,
  type SettingTable,
  shown,
  type Values,
} from '../platform/settings.js';
import { QuerySettings } from '../query/query.settings.js';
import { ReconciliationSettings } from '../reconciliation/reconciliation.settings.js';
import { ProcessSettings } from './process.settings.js';
import type { Role } from './roles.js';

/**
 * The settings of all modules, each under its name in the configuration. The README's table is
 * tested against them.
 */
export const SETTINGS = {
  process: ProcessSettings,
  postgres: PostgresSettings,
  http: HttpSettings,
  rpc: RpcSettings,
  auth: AuthSettings,
  cashback: CashbackSettings,
  live: LiveSettings,
  amqp: AmqpSettings,
  webhooks: WebhookSettings,
  query: QuerySettings,
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

/** What a process runs with, by the variables' names, without secrets. */
export function shownSettings(config: ResolvedConfig): Readonly<Record<string, string>> {
  const ofTable = (table: SettingTable, values: object): [string, string][] =>
    Object.entries(table).flatMap(([name, each]): [string, string][] => {
      const value: unknown = values[name as keyof typeof values];
      if (!(each instanceof Setting)) return ofTable(each, value as object);
      const text = shown(each, value);
      return text === undefined ? [] : [[each.variable, text]];
    });
  return Object.fromEntries(
    Object.entries(SETTINGS).flatMap(([name, { table }]) =>
      ofTable(table, config[name as keyof Modules]),
    ),
  );
}

/** They serve gRPC. */
const SERVING_RPC: readonly Role[] = ['billing', 'query'];

/** Of the addresses of gRPC those that this process uses in its roles. */
export function usedOfRpc({ process, rpc }: Config): Config['rpc'] {
  // Undefined where ROLES was refused.
  const { roles = [] } = process as { readonly roles?: readonly Role[] };
  const isCalled = (role: Role): boolean => roles.includes('portal') && !roles.includes(role);
  return {
    ...rpc,
    address: roles.some((role) => SERVING_RPC.includes(role)) ? rpc.address : undefined,
    billing: isCalled('billing') ? rpc.billing : undefined,
    query: isCalled('query') ? rpc.query : undefined,
  };
}

/** What an operator should know of a configuration that is not wrong, a sentence each. */
export function remarksOn(config: Config): string[] {
  const { http, auth, process, rpc } = config;
  const isShort = auth.jwtSecret !== undefined && Buffer.byteLength(auth.jwtSecret) < 32;
  const used = usedOfRpc(config);
  return [
    ...(http.trustProxy === true
      ? ['TRUST_PROXY=true counts as 1: one proxy in front. Say how many, or list their addresses']
      : []),
    ...(isShort && process.environment === 'production'
      ? ['JWT_SECRET has less than 32 bytes, the length of a hash of its tokens: take a longer one']
      : []),
    ...(rpc.address && !used.address
      ? ['RPC_ADDRESS is not used: only billing and query serve gRPC']
      : []),
    ...(['billing', 'query'] as const)
      .filter((role) => rpc[role] && !used[role])
      .map((role) => `${RpcSettings.table[role].variable} is not used: ${NOT_CALLED}`),
    ...(config.webhooks.url !== undefined && !process.roles.includes('relay')
      ? ['WEBHOOK_URL is not used here: only a relay posts events']
      : []),
    ...(used.billing ? ofBilling(auth) : []),
    ...(auth.salt === undefined
      ? []
      : ['SALT is not needed any more: each password has a salt of its own']),
  ];
}

const NOT_CALLED = 'only a portal calls what is not in its process';

/** What somebody has set for a portal that does not know passwords. */
function ofBilling(auth: Config['auth']): string[] {
  return OF_BILLING.filter((name) => auth[name] !== AuthSettings.table[name].fallback).map(
    (name) => `${AuthSettings.table[name].variable} is not used here: set it where billing is`,
  );
}

const OF_BILLING = [
  'passwordMinLength',
  'loginAttemptsPerMinute',
  'loginAttemptsPerMinutePerAddress',
  'hashConcurrency',
  'hashQueue',
] as const;

/** CASHBACK_ENABLED=false is the older way to leave `accrual` out. */
export function rolesOf({ process, cashback }: Config): readonly Role[] {
  return process.roles.filter((role) => role !== 'accrual' || cashback.enabled);
}

/** Puts in what was found for the settings that the configuration may leave open. */
export function resolveConfig(
  config: Config,
  found: {
    readonly databaseUri: string;
    readonly queryDatabaseUri?: string;
    readonly accrualAddress: string;
    readonly jwtSecret: string;
  },
): ResolvedConfig {
  const roles = rolesOf(config);
  return {
    ...config,
    process: { ...config.process, roles },
    postgres: { ...config.postgres, uri: found.databaseUri },
    query: { ...config.query, databaseUri: found.queryDatabaseUri ?? '' },
    auth: { ...config.auth, jwtSecret: found.jwtSecret },
    cashback: {
      ...config.cashback,
      enabled: roles.includes('accrual'),
      accrualAddress: found.accrualAddress,
    },
  };
}
