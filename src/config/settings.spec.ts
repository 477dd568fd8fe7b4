import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Setting } from '../platform/settings.js';
import { readConfig } from './read-config.js';
import { resolveConfig, SETTINGS, settingsOf, shownSettings } from './settings.js';

const settings = Object.values(SETTINGS).flatMap(({ table }) => settingsOf(table));

function asDocumented({ variable, defaultText }: Setting<unknown, unknown>): string {
  if (variable === 'HASH_CONCURRENCY') return 'cores − 1';
  return defaultText === '' ? '' : `\`${defaultText}\``;
}

describe('the configuration table of the README', () => {
  const readme = readFileSync('README.md', 'utf8');

  it.each(settings.map((setting) => [setting.variable, setting] as const))(
    'tells the truth about %s',
    (variable, setting) => {
      const { flag: letter } = setting.options;
      const flag = letter === undefined ? '' : `\`-${letter}\``;
      const row =
        `| \`${variable}\` | ${flag} | ${asDocumented(setting)} | ${setting.meaning} |`.replace(
          / {2,}/g,
          ' ',
        );
      expect(readme.replace(/ {2,}/g, ' ')).toContain(row);
    },
  );

  it('names nothing that cannot be set', () => {
    const rows = [...readme.matchAll(/^\| `([A-Z_]+)` *\|/gm)].map(([, variable]) => variable);
    expect(rows.sort()).toEqual(settings.map(({ variable }) => variable).sort());
  });
});

describe('.env.example', () => {
  it('names only what can be set', () => {
    const named = [...readFileSync('.env.example', 'utf8').matchAll(/^#?\s*([A-Z_]+)=/gm)].map(
      ([, variable]) => variable,
    );
    expect(named.length).toBeGreaterThan(5);
    expect(settings.map(({ variable }) => variable)).toEqual(expect.arrayContaining(named));
  });
});

describe(shownSettings.name, () => {
  const key = `whsec_${Buffer.from('s3cret'.repeat(5)).toString('base64')}`;
  const config = readConfig({
    env: {
      ACCRUAL_SYSTEM_ADDRESS: 'http://gopher:s3cret@accrual:8081',
      AMQP: 'amqp://gopher:s3cret@broker',
      DATABASE_URI: 'postgres://gopher:s3cret@one,two:5433/shop?password=s3cret',
      JWT_SECRET: 's3cret of the tokens',
      JWT_OLD_SECRET: 's3cret of the time before',
      QUERY_DATABASE_URI: 'postgres://gopher:s3cret@reads/shop',
      RPC_SECRET: 's3cret of the processes',
      SALT: 's3cret',
      TRUST_PROXY: '10.0.0.7, fd00::/8',
      WEBHOOK_SECRET: key,
      WEBHOOK_URL: 'https://gopher:s3cret@shop.example/hooks/s3cret',
    },
  });
  const shown = shownSettings(
    resolveConfig(config, {
      databaseUri: config.postgres.uri ?? '',
      queryDatabaseUri: config.query.databaseUri ?? '',
      accrualAddress: config.cashback.accrualAddress ?? '',
      jwtSecret: config.auth.jwtSecret ?? '',
    }),
  );

  it('shows what is in force, by the names that operators know', () => {
    expect(shown).toMatchObject({
      ACCRUAL_SYSTEM_ADDRESS: 'http://accrual:8081',
      AMQP: 'amqp://broker',
      CASHBACK_SPACING_MIN_MS: String(config.cashback.rules.spacing.minMs),
      DATABASE_URI: 'postgres://one,two:5433/shop',
      ROLES: 'portal,billing,accrual,relay',
      RUN_ADDRESS: 'localhost:8080',
      TRUST_PROXY: '10.0.0.7,fd00::/8',
      WEBHOOK_URL: '***',
    });
  });

  it('shows no secret, and that there is one', () => {
    const text = JSON.stringify(shown);
    expect(text).not.toContain('s3cret');
    expect(text).not.toContain(key);
    for (const name of ['JWT_SECRET', 'JWT_OLD_SECRET', 'RPC_SECRET', 'SALT', 'WEBHOOK_SECRET'])
      expect(shown).toHaveProperty(name, '***');
  });
});
