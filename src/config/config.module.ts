import { type DynamicModule, Module } from '@nestjs/common';
import { AuthSettings } from '../auth/index.js';
import { CashbackSettings } from '../cashback/index.js';
import { ReconciliationSettings } from '../reconciliation/index.js';
import type { Config } from './settings.js';

/** What the process found out for the settings that may be absent. */
export interface Resolved {
  readonly databaseUri: string;
  readonly accrualAddress: string;
  readonly jwtSecret: string;
}

/** Hands each module the settings it asked for. */
@Module({})
export class ConfigModule {
  static forRoot(
    config: Config,
    { databaseUri, accrualAddress, jwtSecret }: Resolved,
  ): DynamicModule {
    const auth: AuthSettings = { ...config, jwtSecret };
    const cashback: CashbackSettings = {
      accrualAddress,
      enabled: config.cashbackEnabled,
      tickMs: config.cashbackTickMs,
      concurrency: config.cashbackConcurrency,
      timeoutMs: config.cashbackTimeoutMs,
      leaseMs: config.cashbackLeaseMs,
      rules: {
        maxTries: config.cashbackMaxTries,
        spacing: { minMs: config.cashbackSpacingMinMs, maxMs: config.cashbackSpacingMaxMs },
      },
    };
    const reconciliation: ReconciliationSettings = {
      databaseUri,
      intervalMs: config.reconcileIntervalMs,
    };
    return {
      module: ConfigModule,
      global: true,
      providers: [
        { provide: AuthSettings, useValue: auth },
        { provide: CashbackSettings, useValue: cashback },
        { provide: ReconciliationSettings, useValue: reconciliation },
      ],
      exports: [AuthSettings, CashbackSettings, ReconciliationSettings],
    };
  }
}
