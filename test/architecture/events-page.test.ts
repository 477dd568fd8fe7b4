import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ENTRY_KINDS } from '../../src/account/domain/account.js';
import { routingKeyOf } from '../../src/journal/domain/journal-event.js';

const PAGE = readFileSync('docs/events.md', 'utf8');

/** Those before had no journal. */
const migrations = readdirSync('migrations')
  .filter((name) => name >= '1700000000023' && name.endsWith('.ts'))
  .map((name) => readFileSync(`migrations/${name}`, 'utf8'))
  .join('');

/** Their forms in the data model and the contract: `order_created` and the like. */
const TYPE = /'((?:user|order|accrual|transaction)_(?!num|status)[a-z]+)'/g;

describe('docs/events.md', () => {
  it('has every type that the journal has, by its routing key', () => {
    const written = new Set([...migrations.matchAll(TYPE)].map(([, type = '']) => type));
    expect(written.size).toBeGreaterThan(5);
    for (const type of [...written, 'operator_action']) {
      const key = routingKeyOf({ position: 1n, type, data: '{}' });
      const row = PAGE.split('\n').find((line) => line.startsWith(`| \`${key}\``)) ?? '';
      expect([type, row]).toEqual([type, expect.stringContaining(`\`${type}\``)]);
    }
  });

  it('has every kind of ledger entry', () => {
    const [, named = ''] = /`kind` is (.*?)\.\n/s.exec(PAGE) ?? [];
    expect([...named.matchAll(/`(\w+)`/g)].map(([, kind]) => kind)).toEqual(ENTRY_KINDS);
  });

  it('draws the states that the subscription names', () => {
    const source = readFileSync('src/journal/application/subscription.ts', 'utf8');
    const named = [...source.matchAll(/^ \* - ([A-Z]+):/gm)].map(([, state]) => state);
    const [, diagram = ''] = /stateDiagram-v2\n(.*?)```/s.exec(PAGE) ?? [];
    const drawn = [...diagram.matchAll(/\b([A-Z]{4,})\b/g)].map(([, state]) => state);
    expect([...new Set(drawn)].sort()).toEqual([...named].sort());
  });
});
