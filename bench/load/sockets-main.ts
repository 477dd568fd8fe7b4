import { Histogram } from '../measure/histogram.js';
import { answer, nextMessage, receiveOrder } from '../stage/child.js';
import { Connection } from './connection.js';
import { Numbers, readSenders, requests } from './requests.js';
import type { SocketsOrder, SocketsResult } from './sockets.js';

/** A lean load generator: one process, raw sockets, latencies to the microsecond. */
const order = await receiveOrder<SocketsOrder>();
const next = requests(order.call, readSenders(order.users), new Numbers(order.prefix));
const connections = await Promise.all(
  Array.from({ length: order.connections }, () => Connection.open(order.url)),
);
const latencies = new Histogram();
const statuses: Record<number, number> = {};
let broken = 0;
/** Requests that have been given to a connection, due or not. */
let sent = 0;

answer({ ready: true });
await nextMessage();
const cpu = process.cpuUsage();
const began = performance.now();
const end = began + order.seconds * 1_000;
await Promise.all(
  connections.map((connection) =>
    order.perSecond === undefined ? flood(connection) : keepPace(connection, order.perSecond),
  ),
);
const seconds = (performance.now() - began) / 1_000;
const { user, system } = process.cpuUsage(cpu);
answer({
  seconds,
  buckets: latencies.buckets,
  statuses,
  broken,
  cpuSeconds: (user + system) / 1e6,
} satisfies SocketsResult);

/** A request after the other, as wrk does. */
async function flood(connection: Connection): Promise<void> {
  while (performance.now() < end && (await exchange(connection, performance.now())));
}

/**
 * The n-th request is due at its time, whether or not the one before was answered: a service that
 * stalls is not spared the requests that it would have had meanwhile. Latency counts from when a
 * request was due.
 */
async function keepPace(connection: Connection, perSecond: number): Promise<void> {
  for (;;) {
    const due = began + (sent++ * 1_000) / perSecond;
    if (due >= end || performance.now() >= end) return;
    const early = due - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    if (!(await exchange(connection, due))) return;
  }
}

async function exchange(connection: Connection, since: number): Promise<boolean> {
  try {
    const { status } = await connection.send(next());
    latencies.record(Math.round((performance.now() - since) * 1_000));
    statuses[status] = (statuses[status] ?? 0) + 1;
    return true;
  } catch {
    broken++;
    return false;
  }
}
