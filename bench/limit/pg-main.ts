import { Client } from 'pg';
import { generate, Tally } from '../load/measured.js';
import { LIMIT_CONNECTIONS, type LimitOrder, NUMBERS_PER_CONNECTION } from './limit.js';
import type { Statement } from './transactions.js';

type Variables = Record<string, unknown>;

/** A statement with its pgbench variables numbered. */
interface Prepared {
  readonly name: string;
  readonly text: string;
  readonly variables: readonly string[];
  readonly keeps: boolean;
}

const tally = new Tally();
await generate(tally, async ({ uri, transaction, users, firstNumber, seconds }: LimitOrder) => {
  const statements = transaction.statements.map((each, i) =>
    prepare(each, `${transaction.name}-${i}`),
  );
  const clients = Array.from(
    { length: LIMIT_CONNECTIONS },
    () => new Client({ connectionString: uri }),
  );
  await Promise.all(clients.map((client) => client.connect()));
  const run = async (client: Client, place: number, end: number): Promise<void> => {
    const first = BigInt(firstNumber) + BigInt(place * NUMBERS_PER_CONNECTION);
    for (let n = 1n; performance.now() < end; n++) {
      const user = Math.ceil(Math.random() * users);
      const values: Variables = { user, num: String(first + n) };
      const since = performance.now();
      for (const { name, text, variables, keeps } of statements) {
        const parameters = variables.map((variable) => values[variable]);
        const { rows } = await client.query<Variables>({ name, text, values: parameters });
        if (keeps) Object.assign(values, rows[0]);
      }
      tally.record(since);
    }
  };
  return (began) =>
    Promise.all(clients.map((client, place) => run(client, place, began + seconds * 1_000)));
});

function prepare({ sql, keeps }: Statement, name: string): Prepared {
  const variables: string[] = [];
  // A colon before a name, but not the two of a cast.
  const text = sql.replaceAll(/(?<!:):([a-z_]+)/g, (_, variable: string) => {
    if (!variables.includes(variable)) variables.push(variable);
    return `$${variables.indexOf(variable) + 1}`;
  });
  return { name, text, variables, keeps: keeps === true };
}
