import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { QueryRunner } from 'typeorm';
import { MIGRATIONS } from '../../migrations/index.js';

interface Tables {
  readonly owns: readonly string[];
  readonly reads: readonly string[];
}

/**
 * Whose tables are whose (docs/data-model.md). A module writes its own tables only. What it reads
 * of others is named here, because a module that moves to another process takes its tables along.
 */
const TABLES: Readonly<Record<string, Tables>> = {
  auth: { owns: ['users', 'session_ends'], reads: [] },
  orders: { owns: ['orders'], reads: ['users'] },
  account: { owns: ['accounts', 'ledger_entries'], reads: [] },
  cashback: { owns: ['queue', 'accrual_gate'], reads: ['orders'] },
  // Triggers write it for all modules; the journal itself adds what operators do (ADR 0036).
  journal: {
    owns: ['events', 'journal_restores', 'parked_events', 'subscriptions', 'waiting_events'],
    reads: [],
  },
  // Operators see the tables of all modules side by side.
  customers: {
    owns: [],
    reads: ['users', 'orders', 'accounts', 'ledger_entries', 'queue'],
  },
  // A stream shows an order's line of the list, of which an event lacks one member.
  live: { owns: [], reads: ['events', 'orders'] },
  // It audits the tables of all modules by SQL of its own (ADR 0017).
  reconciliation: {
    owns: ['reconciled_totals'],
    reads: ['users', 'orders', 'accounts', 'ledger_entries', 'queue', 'events'],
  },
};

const NO_TABLES: Tables = { owns: [], reads: [] };

const KNOWN = new Set(Object.values(TABLES).flatMap(({ owns }) => owns));

/** Modules, and whatever else of src has SQL in it. */
const places = readdirSync('src', { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

function sqlOf(place: string): string {
  return readdirSync(join('src', place), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.spec.ts'))
    .map((path) => readFileSync(join('src', place, path), 'utf8'))
    .join('\n');
}

function namedIn(sql: string, before = ''): string[] {
  const found = [...sql.matchAll(new RegExp(`${before}\\bgophermart\\.(\\w+)`, 'g'))];
  return [...new Set(found.map(([, name = '']) => name))].filter((name) => KNOWN.has(name)).sort();
}

const WRITING = '(?:INSERT INTO|UPDATE|DELETE FROM|TRUNCATE|LOCK TABLE) ';

describe('the tables', () => {
  it('have one owner each, and every table has one', async () => {
    const created = new Set<string>();
    const runner = {
      query: (sql: string): Promise<unknown[]> => {
        for (const [, change, name = ''] of sql.matchAll(
          /(CREATE|DROP) TABLE (?:IF EXISTS )?gophermart\.(\w+)/g,
        )) {
          if (change === 'CREATE') created.add(name);
          else created.delete(name);
        }
        return Promise.resolve([]);
      },
    };
    for (const Migration of MIGRATIONS) await new Migration().up(runner as unknown as QueryRunner);
    const owned = Object.values(TABLES).flatMap(({ owns }) => owns);
    expect(owned.sort()).toEqual([...created].sort());
  });

  it('of the read model are named by src/query alone', () => {
    const naming = places.filter((place) => /\bgophermart_query\./.test(sqlOf(place)));
    expect(naming).toEqual(['query']);
  });

  it.each(places)('that src/%s writes are its own', (place) => {
    const { owns } = TABLES[place] ?? NO_TABLES;
    expect(namedIn(sqlOf(place), WRITING).filter((name) => !owns.includes(name))).toEqual([]);
  });

  it.each(places)('that src/%s names are those that it declares, and all of them', (place) => {
    const { owns, reads } = TABLES[place] ?? NO_TABLES;
    expect(namedIn(sqlOf(place))).toEqual([...owns, ...reads].sort());
  });
});
