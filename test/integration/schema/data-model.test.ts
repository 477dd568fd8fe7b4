import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mayFollow, type OrderStatus } from '../../../src/orders/domain/order.js';
import { Task } from '../../../src/cashback/domain/task.js';
import { Money } from '../../../src/kernel/domain/money.js';
import { OrderNumber } from '../../../src/kernel/domain/order-number.js';
import { createReadModelDatabase } from '../../support/database/read-model.js';
import { createTestDatabase, type TestDatabase } from '../../support/database/test-database.js';

const PAGE = readFileSync('docs/data-model.md', 'utf8');

const [TABLES = '', ORDER = '', TASK = '', READ_MODEL = ''] = [
  ...PAGE.matchAll(/```mermaid\n(.*?)```/gs),
].map(([, diagram = '']) => diagram);

/** The tables of an `erDiagram`: a line `table: column type` for each column. */
function columnsOf(diagram: string): string[] {
  return [...diagram.matchAll(/^ {2}(\w+) \{\n(.*?)^ {2}\}/gms)].flatMap(
    ([, table = '', columns = '']) =>
      [...columns.matchAll(/^ {4}(\w+) (\w+)/gm)].map(
        ([, type = '', name = '']) => `${table}: ${name} ${type}`,
      ),
  );
}

async function columnsIn(database: TestDatabase, schema: string): Promise<string[]> {
  const rows = await database.query<{ line: string }>(
    `SELECT table_name || ': ' || column_name || ' ' || udt_name AS line
     FROM information_schema.columns WHERE table_schema = $1`,
    [schema],
  );
  return rows.map(({ line }) => line).sort();
}

/** The references of an `erDiagram`, and what it marks as keys. */
function keysOf(diagram: string, mark: 'PK' | 'FK' | 'UK'): string[] {
  return [...diagram.matchAll(/^ {2}(\w+) \{\n(.*?)^ {2}\}/gms)].flatMap(
    ([, table = '', columns = '']) =>
      [...columns.matchAll(/^ {4}\w+ (\w+) ([A-Z, ]*)/gm)]
        .filter(([, , marks = '']) => marks.split(/, ?| /).includes(mark))
        .map(([, name = '']) => `${table}: ${name}`),
  );
}

/** The arrows of a `stateDiagram-v2`, as `from → to`; the end and the beginning are `[*]`. */
function arrowsOf(diagram: string): string[] {
  return [...diagram.matchAll(/^ {2}(\S+) --> ([^\s:]+)/gm)].map(
    ([, from = '', to = '']) => `${from} → ${to}`,
  );
}

describe('docs/data-model.md', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(() => database.drop());

  const labelsOf = async (type: string): Promise<string[]> => {
    const rows = await database.query<{ label: string }>(
      `SELECT unnest(enum_range(NULL::gophermart.${type}))::text AS label`,
    );
    return rows.map(({ label }) => label);
  };

  it('draws every table with every column and its type', async () => {
    expect(columnsOf(TABLES).sort()).toEqual(await columnsIn(database, 'gophermart'));
  });

  it('draws the tables of the read model', async () => {
    const readModel = await createReadModelDatabase();
    expect(columnsOf(READ_MODEL).sort()).toEqual(await columnsIn(readModel, 'gophermart_query'));
    await readModel.drop();
  });

  it.each([
    ['PK', 'p'],
    ['FK', 'f'],
    ['UK', 'u'],
  ] as const)('marks the columns of every %s', async (mark, type) => {
    const rows = await database.query<{ line: string }>(`
      SELECT c.conrelid::regclass::text || ': ' || a.attname AS line
      FROM pg_constraint c
      JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey)
      WHERE c.connamespace = 'gophermart'::regnamespace AND c.contype = '${type}'
        AND (c.contype <> 'u' OR array_length(c.conkey, 1) = 1)`);
    const lines = rows.map(({ line }) => line.replace('gophermart.', ''));
    expect(keysOf(TABLES, mark).sort()).toEqual(lines.sort());
  });

  it('draws the transitions that an order allows, and no others', async () => {
    const states = (await labelsOf('order_status')) as OrderStatus[];
    const allowed = states.flatMap((from) =>
      states.filter((to) => mayFollow(from, to)).map((to) => `${from} → ${to}`),
    );
    const final = states.filter((from) => !states.some((to) => mayFollow(from, to)));
    expect(arrowsOf(ORDER).sort()).toEqual(
      [...allowed, '[*] → NEW', ...final.map((state) => `${state} → [*]`)].sort(),
    );
  });

  it('draws where a claimed task goes, and where tasks come from', async () => {
    const rules = { maxTries: 2, spacing: { minMs: 1, maxMs: 2 } };
    const claimed = (tries: number): Task =>
      new Task(
        {
          orderId: 'order',
          userId: 'user',
          number: OrderNumber.parse('18'),
          attempt: 1,
          tries,
          priority: 'FRESH',
          ageMs: 1,
        },
        rules,
      );
    const ends = [
      claimed(0).answered({ kind: 'processed', accrual: Money.ZERO }, 0),
      claimed(0).answered({ kind: 'invalid' }, 0),
      claimed(0).answered({ kind: 'calculating' }, 0),
      claimed(0).answered({ kind: 'unknown' }, 0),
      claimed(0).faulted('a fault', 0),
      claimed(1).faulted('the last fault', 0),
      claimed(0).caughtInOutage('a fault', 0),
      claimed(0).postponed(0),
    ].map(({ task }) => (task.status === 'gone' ? '[*]' : task.status));
    const claims = (await labelsOf('task_status'))
      .filter((status) => status !== 'FAILED')
      .map((status) => `${status} → PROCESSING`);
    expect(arrowsOf(TASK).sort()).toEqual(
      [
        '[*] → PENDING',
        ...claims,
        ...new Set(ends.map((end) => `PROCESSING → ${end}`)),
        'FAILED → PENDING',
      ].sort(),
    );
  });
});
