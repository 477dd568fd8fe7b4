import { type Bench, WORKER_OFF } from '../bench.js';
import { RowCount } from '../books/checks.js';
import { type BooksSize, ORDERS_PER_USER } from '../books/fill.js';
import { evenly, type SignedIn, signIn } from '../books/users.js';
import { Backlog } from '../crediting.js';
import type { Call } from '../load/requests.js';
import { atLeast, type Figure, figure, number, rate } from '../report/figures.js';
import { inTurns, type Measure, underLoad } from '../rounds.js';
import type { Row, Scenario } from './scenario.js';

/** 10 000 orders. */
const SMALL: BooksSize = { users: 500, queued: 0 };

/** With a hundred times the rows every figure stays within 1.2 times. */
const GOAL = atLeast(1 / 1.2);

/** Books of one size, and who is at work in them. */
interface Side {
  readonly database: string;
  readonly size: BooksSize;
  readonly users: SignedIn;
  readonly somebody: SignedIn;
  readonly orders: RowCount;
  readonly withdrawals: RowCount;
}

type Sides<T> = Readonly<Record<'small' | 'large', T>>;

/**
 * Two services, one on small books and one on large ones, in turn. As many customers are at work in
 * both, or the larger one would have more tokens to verify, too; in the large books they are evenly
 * spread over everybody.
 */
export const GROWTH: Scenario = {
  name: 'growth',
  meaning:
    'the same calls on 10 thousand orders and on a million, with another million in the queue',
  async run(bench) {
    const { largeUsers, side } = bench.options;
    const queued = largeUsers * ORDERS_PER_USER;
    const sides = {
      small: await open(bench, SMALL),
      large: await open(bench, { users: largeUsers, queued }),
    };
    const [few, many] = [number(SMALL.users * ORDERS_PER_USER), number(queued)];
    const rows: Row[] = [];
    const figures: Figure[] = [];
    const compare = async (
      what: string,
      measures: Sides<Measure>,
      warmUpSeconds = side.warmUpSeconds,
    ): Promise<void> => {
      const { small, large } = await inTurns(bench, measures, { ...side, warmUpSeconds });
      const ratios = rate(large, small);
      rows.push({ what: `${what}, ${few} orders`, rounds: small });
      rows.push({ what: `${what}, ${many} orders`, rounds: large, ratios });
      figures.push(figure(`${what}: with ${many} orders / with ${few}`, ratios, GOAL));
    };
    await compareCalls(bench, sides, compare);
    const credited = ({ database, size }: Side): Measure =>
      new Backlog(bench, database, size.users).credited();
    await compare('crediting', { small: credited(sides.small), large: credited(sides.large) }, 0);
    for (const { database } of [sides.small, sides.large]) await bench.finish(database);
    return { rows, figures };
  },
};

async function open(bench: Bench, size: BooksSize): Promise<Side> {
  const database = await bench.books(size);
  return {
    database,
    size,
    users: signIn(evenly(SMALL.users, size.users), bench.folder),
    somebody: signIn([1], bench.folder),
    orders: await RowCount.of(bench.server, database, 'orders'),
    withdrawals: await RowCount.of(bench.server, database, 'withdrawals'),
  };
}

async function compareCalls(
  bench: Bench,
  { small, large }: Sides<Side>,
  compare: (what: string, measures: Sides<Measure>) => Promise<void>,
): Promise<void> {
  const services = {
    small: await bench.service(small.database, WORKER_OFF),
    large: await bench.service(large.database, WORKER_OFF),
  };
  const each = (
    call: Call,
    users: 'users' | 'somebody' = 'users',
    count?: 'orders' | 'withdrawals',
  ): Sides<Measure> => {
    const measure = (side: Side, which: keyof typeof services): Measure =>
      underLoad(bench, {
        services: [services[which]],
        call,
        users: side[users],
        count: count && side[count],
      });
    return { small: measure(small, 'small'), large: measure(large, 'large') };
  };
  await compare('GET balance', each('balance'));
  await compare('GET orders', each('orders'));
  await compare('POST orders', each('upload', 'users', 'orders'));
  await compare('POST withdraw, many accounts', each('withdraw', 'users', 'withdrawals'));
  await compare('POST withdraw, one account', each('withdraw', 'somebody', 'withdrawals'));
  await bench.stop();
  for (const { orders, withdrawals } of [small, large])
    bench.report(...(await orders.problems()), ...(await withdrawals.problems()));
}
