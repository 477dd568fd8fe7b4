import { setTimeout as pause } from 'node:timers/promises';
import { BrokerServer, isBrokerInstalled } from '../../test/support/broker/broker-server.js';
import { Customer } from '../../test/support/http/customer.js';
import { freshNumber } from '../../test/support/http/order-numbers.js';
import { Histogram } from '../../test/support/processes/histogram.js';
import type { ServiceProcess } from '../../test/support/processes/service-process.js';
import { type Bench, WORKER_OFF } from '../bench.js';
import { RowCount } from '../books/checks.js';
import { atLeast, atMost, type Figure, figure, number } from '../report/figures.js';
import { underLoad } from '../rounds.js';
import type { Scenario } from './scenario.js';

const POLL_MS = 20;
const STORED_WITHIN_MS = 300_000;

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
  meaning: 'a read model that is filled, replayed to, and kept up with uploads at full speed',
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

/** Events that a reader has stored since it started. */
async function stored({ url }: ServiceProcess): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/^read_model_events_total (\d+)$/m.exec(metrics)?.[1]);
}

/** Resolves when a reader has stored so many. @returns events a second since the first of them. */
async function whenStored(bench: Bench, service: ServiceProcess, events: number): Promise<number> {
  const before = await stored(service);
  const deadline = Date.now() + STORED_WITHIN_MS;
  let [from, at] = [before, performance.now()];
  for (;;) {
    const now = await stored(service);
    if (from === before && now > before) [from, at] = [now, performance.now()];
    if (now >= before + events) return ((now - from) / (performance.now() - at)) * 1_000;
    if (Date.now() > deadline) throw new Error(`${now - before} of ${events} events were stored`);
    await pause(POLL_MS, undefined, { signal: bench.stopping });
  }
}

/** The first start on books that are full, and then everything once more, while it serves. */
async function filled(bench: Bench, broker: BrokerServer): Promise<Figure[]> {
  const database = await bench.books();
  const events = await bench.server.session(
    database,
    async (query) => (await query<{ found: number }>(EVENTS))[0]?.found ?? 0,
  );
  const books = await bench.service(database, { ...WORKER_OFF, AMQP: broker.uri });
  bench.say(`filling a read model with ${number(events)} events`);
  const began = performance.now();
  const service = await reader(bench, broker, database);
  const first = (events / (performance.now() - began)) * 1_000;
  const replays: number[] = [];
  for (let round = 1; round <= bench.options.side.rounds; round++) {
    bench.say(`round ${round}: replaying ${number(events)} events`);
    await bench.server.session(database, (query) => query(REPLAY));
    replays.push(await whenStored(bench, service, events));
  }
  const uploads = await whileUploading(bench, database, books, service);
  await bench.finish(database);
  return [
    figure('events of a first start, the start of the process included', [first], undefined, '/s'),
    figure('events replayed into the read model', replays, atLeast(25_000), '/s'),
    figure('events into the read model while uploads run', uploads, atLeast(5_000), '/s'),
  ];
}

/** Each upload is an event: so many a second, until the last one is stored. */
async function whileUploading(
  bench: Bench,
  database: string,
  books: ServiceProcess,
  service: ServiceProcess,
): Promise<number[]> {
  const count = await RowCount.of(bench.server, database, 'orders');
  const users = bench.everybody();
  const load = underLoad(bench, { services: [books], call: 'upload', users, count });
  const speeds: number[] = [];
  const { rounds, seconds, warmUpSeconds } = bench.options.side;
  for (let round = 0; round <= rounds; round++) {
    bench.say(`round ${round} of ${rounds}: uploads, until they are in the read model`);
    const [before, began] = [await stored(service), performance.now()];
    const { requests } = await load(round === 0 ? warmUpSeconds : seconds);
    const left = requests - ((await stored(service)) - before);
    if (left > 0) await whenStored(bench, service, left);
    if (round > 0) speeds.push((requests / (performance.now() - began)) * 1_000);
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
