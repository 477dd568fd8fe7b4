import { setTimeout as pause } from 'node:timers/promises';
import { BrokerServer, isBrokerInstalled } from '../../test/support/broker/broker-server.js';
import { Listener } from '../../test/support/broker/listener.js';
import { freshNumber } from '../../test/support/http/order-numbers.js';
import { Customer } from '../../test/support/http/customer.js';
import { peakMegabytes } from '../../test/support/processes/proc.js';
import { Histogram } from '../../test/support/processes/histogram.js';
import { type Bench, WORKER_OFF } from '../bench.js';
import { RowCount } from '../books/checks.js';
import { atLeast, atMost, type Figure, figure, rate } from '../report/figures.js';
import { inTurns, underLoad } from '../rounds.js';
import type { Row, Scenario } from './scenario.js';

/** Events that are published again in a round. */
const REPLAYED = 200_000;

const POLL_MS = 20;
const DRAINED_WITHIN_MS = 600_000;

/** What waits for the broker, and how fast it goes. */
const BACKLOG = `
  SELECT (cursor->>'after')::integer AS after,
    (SELECT max(position) FROM gophermart.events)::integer AS top
  FROM gophermart.subscriptions WHERE name = 'broker'`;

/** As `npm run journal -- replay broker --from …` does it. */
const REPLAY = `
  UPDATE gophermart.subscriptions
  SET fence = fence + 1, leased_until = NULL, cursor = json_build_object(
    'seen', mark, 'until', mark, 'after', mark->>'top', 'floors', json_build_object())
  FROM (
    SELECT json_build_object('snapshot', '1:1:', 'top', (max(position) - $1)::text, 'restored', '0')
      AS mark
    FROM gophermart.events
  ) AS start`;

export const RELAY: Scenario = {
  name: 'relay',
  meaning: 'events published to RabbitMQ, how soon they come, and a broker that is away',
  async run(bench) {
    if (!isBrokerInstalled()) {
      bench.say('not measured: RabbitMQ is not installed');
      return { rows: [], figures: [] };
    }
    const broker = await BrokerServer.start();
    try {
      const figures = [...(await published(bench, broker)), ...(await soon(bench, broker))];
      const away = await whileAway(bench, broker);
      return { rows: away.rows, figures: [...figures, ...away.figures] };
    } finally {
      await broker.stop();
    }
  },
};

/** Older events again, as fast as they go, to a queue that keeps them. */
async function published(bench: Bench, broker: BrokerServer): Promise<Figure[]> {
  const listener = await Listener.bind(broker.uri);
  const database = await bench.books();
  const relay = await bench.service(database, { ROLES: 'relay', AMQP: broker.uri });
  const speeds: number[] = [];
  for (let round = 1; round <= bench.options.side.rounds; round++) {
    bench.say(`round ${round}: publishing ${REPLAYED} events`);
    await bench.server.session(database, (query) => query(REPLAY, [REPLAYED]));
    speeds.push(await drained(bench, database));
    await listener.channel.purgeQueue(listener.queue);
  }
  const megabytes = peakMegabytes(relay.pid ?? NaN);
  await bench.finish(database);
  await listener.close();
  return [
    figure('events published to RabbitMQ', speeds, atLeast(20_000), '/s'),
    figure('memory of a process that is a relay alone', [megabytes], atMost(150), 'MB'),
  ];
}

/** @returns events a second, from the first page that is published to the last event. */
async function drained(bench: Bench, database: string): Promise<number> {
  return bench.server.session(database, async (query) => {
    const backlog = async (): Promise<{ after: number; top: number }> =>
      (await query<{ after: number; top: number }>(BACKLOG))[0] ?? { after: 0, top: 0 };
    const deadline = Date.now() + DRAINED_WITHIN_MS;
    const first = await backlog();
    let [from, at] = [first.after, performance.now()];
    for (let now = first; now.after < now.top; now = await backlog()) {
      if (from === first.after && now.after !== from) [from, at] = [now.after, performance.now()];
      if (Date.now() > deadline) throw new Error(`the backlog was not published: ${now.after}`);
      await pause(POLL_MS, undefined, { signal: bench.stopping });
    }
    const { top } = await backlog();
    return ((top - from) / (performance.now() - at)) * 1_000;
  });
}

/** One upload after another, from its answer to the event at a consumer of another process. */
async function soon(bench: Bench, broker: BrokerServer): Promise<Figure[]> {
  const listener = await (await Listener.bind(broker.uri, 'order_created')).listen();
  const { database, service } = await bench.start({ ...WORKER_OFF, AMQP: broker.uri });
  const customer = await Customer.register(service.url);
  const { rounds, seconds, warmUpSeconds } = bench.options.side;
  const waits: Histogram[] = [];
  for (let round = 0; round <= rounds; round++) {
    bench.say(`round ${round} of ${rounds}: from a commit to a consumer`);
    const histogram = new Histogram();
    const end = performance.now() + (round === 0 ? warmUpSeconds : seconds) * 1_000;
    while (performance.now() < end) {
      const number = freshNumber();
      await customer.upload(number);
      const answered = performance.now();
      await listener.heard((event) => event.data['order'] === number);
      histogram.record(Math.round((performance.now() - answered) * 1_000));
    }
    if (round > 0) waits.push(histogram);
  }
  await bench.finish(database);
  await listener.close();
  const percentile = (p: number): number[] => waits.map((each) => each.percentile(p));
  return [
    figure('commit to consumer, p50', percentile(50), atMost(20), 'ms'),
    figure('commit to consumer, p99', percentile(99), atMost(100), 'ms'),
  ];
}

/** Uploads with a broker that is away and without any, in turn; then it comes back. */
async function whileAway(
  bench: Bench,
  broker: BrokerServer,
): Promise<{ rows: Row[]; figures: Figure[] }> {
  const open = async (settings: Readonly<Record<string, string>>) => {
    const database = await bench.books();
    const services = [await bench.service(database, { ...WORKER_OFF, ...settings })];
    const count = await RowCount.of(bench.server, database, 'orders');
    const users = bench.everybody();
    return { database, count, load: underLoad(bench, { services, call: 'upload', users, count }) };
  };
  const listener = await Listener.bind(broker.uri);
  const away = await open({ AMQP: broker.uri });
  const without = await open({});
  await listener.leave();
  await broker.crash();
  const measures = { away: away.load, without: without.load };
  const seen = await inTurns(bench, measures, bench.options.away);
  bench.say('the broker comes back');
  await broker.restart();
  const speed = await drained(bench, away.database);
  await bench.finish(away.database, away.count);
  await bench.finish(without.database, without.count);
  const ratios = rate(seen.away, seen.without);
  return {
    rows: [
      { what: 'POST orders, no broker', rounds: seen.without },
      { what: 'POST orders, the broker is away', rounds: seen.away, ratios },
    ],
    figures: [
      figure('POST orders: with a broker away / without one', ratios, atLeast(0.95)),
      figure('events published when it is back', [speed], atLeast(10_000), '/s'),
    ],
  };
}
