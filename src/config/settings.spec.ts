import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Setting } from '../platform/settings.js';
import { SETTINGS, settingsOf } from './settings.js';

const settings = Object.values(SETTINGS).flatMap(({ table }) => settingsOf(table));

function shown({ variable, defaultText }: Setting<unknown, unknown>): string {
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
      const row = `| \`${variable}\` | ${flag} | ${shown(setting)} | ${setting.meaning} |`.replace(
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
