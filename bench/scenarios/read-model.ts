import { setTimeout as pause } from 'node:timers/promises';
import { BrokerServer, isBrokerInstalled } from '../../test/support/broker/broker-server.js';
import { Customer } from '../../test/support/http/customer.js';
import { freshNumber } from '../../test/support/http/order-numbers.js';
import { Histogram } from '../../test/support/processes/histogram.js';
import type { ServiceProcess } from '../../test/support/processes/service-process.js';
import { type Bench, WORKER_OFF } from '../bench.js';
import { enqueue, STANDARD } from '../books/fill.js';
import { atLeast, atMost, type Figure, figure, number } from '../report/figures.js';
import type { Scenario } from './scenario.js';

const POLL_MS = 20;
const STORED_WITHIN_MS = 300_000;

/** Orders that are credited in a round. */
const CREDITED = 20_000;

/** As `npm run journal -- replay query` does it. */
const REPLAY = `
  UPDATE gophermart.subscriptions
  SET fence = fence + 1, leased_until = NULL, cursor = json_build_object(
    'seen', start, 'until', start, 'after', '0', 'floors', json_build_object())
  FROM (SELECT json_build_object('snapshot', '1:1:', 'top', '0', 'restored', '0') AS start) AS s
  WHERE name = 'query'`;

const EVENTS = 'SELECT count(*)::integer AS found FROM gophermart.events';

export const READ_MODEL: Scenario = {
  name: 'read-model',
  meaning: 'a read model that is filled, replayed to, and kept up with orders that are credited',
  async run(bench) {
    if (!isBrokerInstalled()) {
      bench.say('not measured: RabbitMQ is not installed');
      return { rows: [], figures: [] };
    }
    const broker = await BrokerServer.start();
    try {
      const filling = await filled(bench, broker);
      const soon = await shownSoon(bench, broker);
      return { rows: [], figures: [...filling, ...soon] };
    } finally {
      await broker.stop();
    }
  },
};

/** A process of the role `query` with a database of its own. */
async function reader(bench: Bench, broker: BrokerServer, books: string): Promise<ServiceProcess> {
  const own = `reads_of_${books}`;
  await bench.server.create(own);
  return bench.service(books, {
    ROLES: 'query',
    AMQP: broker.uri,
    QUERY_DATABASE_URI: bench.server.uri(own),
  });
}

async function countEvents(bench: Bench, database: string): Promise<number> {
  return bench.server.session(
    database,
    async (query) => (await query<{ found: number }>(EVENTS))[0]?.found ?? 0,
  );
}

/** Events that a reader has stored since it started. */
async function stored({ url }: ServiceProcess): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/^read_model_events_total (\d+)$/m.exec(metrics)?.[1]);
}

/**
 * Resolves when a reader has stored so many since it started. @returns events a second, from the
 * first that is seen to be stored.
 */
async function whenStored(bench: Bench, service: ServiceProcess, total: number): Promise<number> {
  const before = await stored(service);
  const deadline = Date.now() + STORED_WITHIN_MS;
  let [from, at] = [before, performance.now()];
  for (;;) {
    const now = await stored(service);
    if (from === before && now > before) [from, at] = [now, performance.now()];
    if (now >= total) return ((now - from) / (performance.now() - at)) * 1_000;
    if (Date.now() > deadline) throw new Error(`${now} of ${total} events were stored`);
    await pause(POLL_MS, undefined, { signal: bench.stopping });
  }
}

/** The first start on books that are full, and then everything once more, while it serves. */
async function filled(bench: Bench, broker: BrokerServer): Promise<Figure[]> {
  const database = await bench.books();
  const events = await countEvents(bench, database);
  await bench.service(database, { ...WORKER_OFF, AMQP: broker.uri });
  bench.say(`filling a read model with ${number(events)} events`);
  const began = performance.now();
  const service = await reader(bench, broker, database);
  const first = (events / (performance.now() - began)) * 1_000;
  const replays: number[] = [];
  for (let round = 1; round <= bench.options.side.rounds; round++) {
    bench.say(`round ${round}: replaying ${number(events)} events`);
    const before = await stored(service);
    await bench.server.session(database, (query) => query(REPLAY));
    replays.push(await whenStored(bench, service, before + events));
  }
  const credited = await whileCrediting(bench, database, service);
  await bench.finish(database);
  return [
    figure('events of a first start, the start of the process included', [first], undefined, '/s'),
    figure('events replayed into the read model', replays, atLeast(25_000), '/s'),
    figure('events into the read model while orders are credited', credited, atLeast(5_000), '/s'),
  ];
}

/** Orders that a process of the role `accrual` credits: of each come five events. */
async function whileCrediting(
  bench: Bench,
  database: string,
  service: ServiceProcess,
): Promise<number[]> {
  const speeds: number[] = [];
  const { rounds } = bench.options.side;
  for (let batch = 1; batch <= rounds; batch++) {
    const [before, events] = [await stored(service), await countEvents(bench, database)];
    const order = { users: STANDARD.users, count: CREDITED, batch };
    await bench.server.session(database, (query) => enqueue(query, order));
    await whenStored(bench, service, before + CREDITED);
    bench.say(`round ${batch} of ${rounds}: ${number(CREDITED)} orders are credited`);
    const worker = await bench.service(database, { ROLES: 'accrual' });
    speeds.push(await whenStored(bench, service, before + 5 * CREDITED));
    await bench.stop(worker);
    if ((await countEvents(bench, database)) !== events + 5 * CREDITED)
      bench.report('crediting an order has left more or less than five events');
  }
  return speeds;
}

/** One upload after another, from its answer to the list of a portal that reads events. */
async function shownSoon(bench: Bench, broker: BrokerServer): Promise<Figure[]> {
  const database = await bench.books();
  const own = `${database}_read`;
  await bench.server.create(own);
  const service = await bench.service(database, {
    ROLES: 'portal,billing,relay,query',
    AMQP: broker.uri,
    QUERY_DATABASE_URI: bench.server.uri(own),
  });
  const customer = await Customer.register(service.url);
  const { rounds, seconds, warmUpSeconds } = bench.options.side;
  const waits: Histogram[] = [];
  for (let round = 0; round <= rounds; round++) {
    bench.say(`round ${round} of ${rounds}: from an upload to the list of orders`);
    const histogram = new Histogram();
    const end = performance.now() + (round === 0 ? warmUpSeconds : seconds) * 1_000;
    while (performance.now() < end) {
      const order = freshNumber();
      await customer.upload(order);
      const answered = performance.now();
      while ((await customer.order(order)) === undefined) await pause(1);
      histogram.record(Math.round((performance.now() - answered) * 1_000));
    }
    if (round > 0) waits.push(histogram);
  }
  await bench.finish(database);
  const percentile = (p: number): number[] => waits.map((each) => each.percentile(p));
  return [
    figure('upload to list, p50', percentile(50), undefined, 'ms'),
    figure('upload to list, p99', percentile(99), atMost(250), 'ms'),
  ];
}
