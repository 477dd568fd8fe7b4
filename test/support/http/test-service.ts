import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Logger, pino } from 'pino';
import { readConfig } from '../../../src/config/read-config.js';
import { resolveConfig, type ResolvedConfig } from '../../../src/config/settings.js';
import type { Listeners } from '../../../src/service/http/listeners.js';
import { type AppOptions, createApp } from '../../../src/service/create-app.js';
import { Customer } from './customer.js';
import { JWT_SECRET, readClaims } from './forged-token.js';
import { createTestDatabase, type TestDatabase } from '../database/test-database.js';
import { ScriptedAccrual } from '../fakes/scripted-accrual.js';

/** The service under test over a real socket, with a database and an accrual system of its own. */
export interface TestService {
  readonly url: string;
  readonly app: NestFastifyApplication;
  readonly listeners: Listeners;
  readonly database: TestDatabase;
  readonly accrual: ScriptedAccrual;
  /** A customer who has registered. */
  customer(): Promise<Customer>;
  /** A customer with points, awarded for an order. */
  customerWith(points: string): Promise<Customer>;
  stop(): Promise<void>;
}

type DeepPartial<T> = T extends object ? { readonly [Name in keyof T]?: DeepPartial<T[Name]> } : T;

export interface TestServiceOptions extends AppOptions {
  readonly settings?: DeepPartial<ResolvedConfig>;
  /** Share another service's database: a second replica. */
  readonly database?: TestDatabase;
  readonly accrual?: ScriptedAccrual;
  readonly logger?: Logger;
  /** Where the service reaches the database, when not directly. */
  readonly databaseUri?: string;
}

/** Starts one; `LOG_LEVEL=debug npm test` shows what it logs. */
export async function startTestService(options: TestServiceOptions = {}): Promise<TestService> {
  const database = options.database ?? (await createTestDatabase());
  const accrual = options.accrual ?? (await ScriptedAccrual.start());
  const config = resolveConfig(readConfig({ env: {} }), {
    databaseUri: options.databaseUri ?? database.uri,
    accrualAddress: accrual.url,
    jwtSecret: JWT_SECRET,
  });
  const defaults = {
    auth: { hashConcurrency: 2 },
    process: { stopDelayMs: 0 },
    // By itself it begins after 10 s to 2 min, beside whatever a test reconciles.
    reconciliation: { intervalMs: 0 },
  };
  const { app, connections, listeners } = await createApp(
    merge(merge(config, defaults), options.settings ?? {}),
    options.logger ?? pino({ level: process.env['LOG_LEVEL'] ?? 'silent' }),
    options,
  );
  const stop = async (): Promise<void> => {
    await connections.close(0);
    await app.close();
    if (!options.accrual) await accrual.stop();
    if (!options.database) await database.drop();
  };
  const port = await connections
    .listen({ host: '127.0.0.1', port: 0 })
    .catch(async (error: unknown) => {
      await stop();
      throw error;
    });
  const url = `http://127.0.0.1:${port}`;
  const customer = (): Promise<Customer> => Customer.register(url);
  return {
    url,
    app,
    listeners,
    database,
    accrual,
    customer,
    customerWith: async (points) => {
      const rich = await customer();
      await rich.earn(points, accrual);
      return rich;
    },
    stop,
  };
}

/** `base` with what `changes` says, however deep that stands. */
function merge<T extends object>(base: T, changes: DeepPartial<T>): T {
  const merged = Object.entries(changes).map(([name, change]): [string, unknown] => {
    const before: unknown = base[name as keyof T];
    const isGroup = typeof before === 'object' && before !== null && !Array.isArray(before);
    return [name, isGroup ? merge(before, change as object) : change];
  });
  return { ...base, ...Object.fromEntries(merged) };
}

/**
 * Gives the customer `count` orders by SQL, a second apart: a list that comes in pieces of a
 * thousand.
 */
export async function giveOrders(
  { database }: TestService,
  { authorization }: Customer,
  count: number,
): Promise<void> {
  await database.query(
    `INSERT INTO gophermart.orders (id, user_id, num, status, uploaded_at)
     SELECT gen_random_uuid(), $1, $2 || lpad(n::text, 6, '0'), 'NEW',
       now() - n * interval '1 second'
     FROM generate_series(1, $3) n`,
    [readClaims(authorization).sub, `${Date.now()}`, count],
  );
}
