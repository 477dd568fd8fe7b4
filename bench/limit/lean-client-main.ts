import { Client } from 'pg';
import { Histogram } from '../measure/histogram.js';
import { answer, nextMessage, receiveOrder } from '../stage/child.js';
import type { LeanResult } from './lean-client.js';
import { LIMIT_CONNECTIONS, type LimitOrder, NUMBERS_PER_CONNECTION } from './order.js';
import type { Statement } from './transactions.js';

type Variables = Record<string, unknown>;

/** A statement with its pgbench variables numbered. */
interface Prepared {
  readonly name: string;
  readonly text: string;
  readonly variables: readonly string[];
  readonly keeps: boolean;
}

const order = await receiveOrder<Omit<LimitOrder, 'firstNumber'> & { firstNumber: string }>();
const statements = order.transaction.statements.map(prepare);
const latencies = new Histogram();
const clients = Array.from(
  { length: LIMIT_CONNECTIONS },
  () => new Client({ connectionString: order.uri }),
);
await Promise.all(clients.map((client) => client.connect()));

answer({ ready: true });
await nextMessage();
const cpu = process.cpuUsage();
const began = performance.now();
await Promise.all(clients.map(run));
const seconds = (performance.now() - began) / 1_000;
const { user, system } = process.cpuUsage(cpu);
answer({
  transactions: latencies.count,
  seconds,
  buckets: latencies.buckets,
  cpuSeconds: (user + system) / 1e6,
} satisfies LeanResult);

async function run(client: Client, place: number): Promise<void> {
  const first = BigInt(order.firstNumber) + BigInt(place * NUMBERS_PER_CONNECTION);
  for (let n = 1; performance.now() < began + order.seconds * 1_000; n++) {
    const variables: Variables = {
      user: Math.ceil(Math.random() * order.users),
      num: String(first + BigInt(n)),
    };
    const since = performance.now();
    for (const statement of statements) await execute(client, statement, variables);
    latencies.record(Math.round((performance.now() - since) * 1_000));
  }
}

async function execute(
  client: Client,
  { name, text, variables, keeps }: Prepared,
  values: Variables,
): Promise<void> {
  const { rows } = await client.query<Variables>({
    name,
    text,
    values: variables.map((variable) => values[variable]),
  });
  if (keeps) Object.assign(values, rows[0]);
}

function prepare({ sql, keeps }: Statement, place: number): Prepared {
  const variables: string[] = [];
  // A colon before a name, but not the two of a cast.
  const text = sql.replaceAll(/(?<!:):([a-z_]+)/g, (_, variable: string) => {
    if (!variables.includes(variable)) variables.push(variable);
    return `$${variables.indexOf(variable) + 1}`;
  });
  return { name: `${order.transaction.name}-${place}`, text, variables, keeps: keeps === true };
}
