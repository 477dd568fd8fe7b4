import { Connection } from './connection.js';
import { generate, Tally } from './measured.js';
import { type LoadOrder, Numbers, requestKinds } from './requests.js';

/** A lean load generator: one process, raw sockets, latencies to the microsecond. */
const tally = new Tally();
/** Requests that have been given to a connection. */
let sent = 0;
await generate(tally, async (order: LoadOrder) => {
  const { url, prefix, connections: count, seconds, perSecond } = order;
  const [kinds, numbers] = [requestKinds(order), new Numbers(prefix)];
  const connections = await Promise.all(Array.from({ length: count }, () => Connection.open(url)));
  let turn = 0;
  const next = (): string => {
    const { heads = [], body } = kinds[turn++ % kinds.length] ?? {};
    const head = heads[Math.floor(Math.random() * heads.length)] ?? '';
    return body ? head + body(numbers.next()) : head;
  };
  return (began) => {
    const end = began + seconds * 1_000;
    return Promise.all(
      connections.map((connection) =>
        perSecond === undefined
          ? flood(connection, next, end)
          : keepPace(connection, next, { began, end, perSecond }),
      ),
    );
  };
});

/** One request after another, as wrk does. */
async function flood(connection: Connection, next: () => string, end: number): Promise<void> {
  while (performance.now() < end && (await exchange(connection, next(), performance.now())));
}

/**
 * The n-th request is due at its time, whether or not the one before was answered: a service that
 * stalls gets the requests that it would have had meanwhile. Latency counts from when a request was
 * due.
 */
async function keepPace(
  connection: Connection,
  next: () => string,
  { began, end, perSecond }: { began: number; end: number; perSecond: number },
): Promise<void> {
  for (;;) {
    const due = began + (sent++ * 1_000) / perSecond;
    if (due >= end || performance.now() >= end) return;
    const early = due - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    if (!(await exchange(connection, next(), due))) return;
  }
}

/** @returns false when the connection is broken. */
async function exchange(connection: Connection, request: string, since: number): Promise<boolean> {
  try {
    const { status } = await connection.send(request);
    if (status < 300) tally.record(since);
    else tally.fail(`status ${status}`);
    return true;
  } catch {
    tally.fail('broken connection');
    return false;
  }
}
