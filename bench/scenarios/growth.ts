import type { Replica } from '../../test/torture/support/replica.js';
import { Promised, reconcile } from '../books/checks.js';
import { type BooksSize, ORDERS_PER_USER } from '../books/fill.js';
import { evenly, type SignedIn, signIn } from '../books/users.js';
import { type Contender, underLoad } from '../contest/contenders.js';
import { contest, sideLength } from '../contest/contest.js';
import { Crediting } from '../contest/crediting.js';
import type { Call } from '../load/order.js';
import { atLeast, type Figure, figure } from '../report/figure.js';
import { number } from '../report/numbers.js';
import type { Stage } from '../stage/stage.js';
import { rate, type Row, type Scenario } from './scenario.js';

/** 10 000 orders. */
const SMALL: BooksSize = { users: 500, queued: 0 };

/** With a hundred times the rows every figure stays within 1.2 times. */
const GOAL = atLeast(1 / 1.2);

/** Service and books of one size. */
interface Side {
  readonly database: string;
  readonly size: BooksSize;
  readonly users: SignedIn;
  readonly somebody: SignedIn;
  readonly orders: Promised;
  readonly withdrawals: Promised;
}

/**
 * Two services, one on small books and one on large ones, in turn. As many customers are at work in
 * both, or the larger one would have more tokens to verify, too; in the large books they are evenly
 * spread over everybody.
 */
export const GROWTH: Scenario = {
  name: 'growth',
  meaning:
    'the same calls on 10 thousand orders and on a million, with another million in the queue',
  async run(stage) {
    const { largeUsers } = stage.options;
    const small = await open(stage, SMALL);
    const large = await open(stage, { users: largeUsers, queued: largeUsers * ORDERS_PER_USER });
    const rows: Row[] = [];
    const figures: Figure[] = [];
    const compare = async (
      what: string,
      contenders: { small: Contender; large: Contender },
    ): Promise<void> => {
      const rounds = await contest(stage, contenders, sideLength(stage));
      const ratio = rate(rounds.large, rounds.small);
      rows.push({ what: `${what}, ${ordersOf(SMALL)} orders`, rounds: rounds.small });
      rows.push({
        what: `${what}, ${ordersOf(large.size)} orders`,
        rounds: rounds.large,
        ratios: ratio,
      });
      figures.push(
        figure(
          `${what}: with ${ordersOf(large.size)} orders / with ${ordersOf(SMALL)}`,
          ratio,
          GOAL,
        ),
      );
    };
    await calls(stage, small, large, compare);
    await crediting(stage, small, large, compare);
    for (const { database } of [small, large]) {
      stage.say('reconciling');
      stage.report(...(await reconcile(stage.database.uri(database), stage.stopping)));
    }
    return { rows, figures };
  },
};

type Compare = (what: string, contenders: { small: Contender; large: Contender }) => Promise<void>;

async function calls(stage: Stage, small: Side, large: Side, compare: Compare): Promise<void> {
  const start = ({ database }: Side): Promise<Replica> =>
    stage.service(database, { CASHBACK_ENABLED: 'false' });
  const [ofSmall, ofLarge] = [await start(small), await start(large)];
  const each = (
    call: Call,
    of: (side: Side) => { users: SignedIn; promised?: Promised },
  ): { small: Contender; large: Contender } => ({
    small: underLoad(stage, { services: [ofSmall], call, ...of(small) }),
    large: underLoad(stage, { services: [ofLarge], call, ...of(large) }),
  });
  await compare(
    'GET balance',
    each('balance', ({ users }) => ({ users })),
  );
  await compare(
    'GET orders',
    each('orders', ({ users }) => ({ users })),
  );
  await compare(
    'POST orders',
    each('upload', ({ users, orders }) => ({ users, promised: orders })),
  );
  await compare(
    'POST withdraw, many accounts',
    each('withdraw', ({ users, withdrawals }) => ({ users, promised: withdrawals })),
  );
  await compare(
    'POST withdraw, one account',
    each('withdraw', ({ somebody, withdrawals }) => ({ users: somebody, promised: withdrawals })),
  );
  await stage.stopServices();
  for (const { orders, withdrawals } of [small, large])
    stage.report(...(await orders.check()), ...(await withdrawals.check()));
}

async function crediting(stage: Stage, small: Side, large: Side, compare: Compare): Promise<void> {
  const contender = async ({ database, size }: Side): Promise<Contender> => {
    const credits = new Crediting(stage, database, size.users);
    await credits.hold();
    return credits.contender([await stage.service(database)]);
  };
  await compare('crediting', { small: await contender(small), large: await contender(large) });
  await stage.stopServices();
}

async function open(stage: Stage, size: BooksSize): Promise<Side> {
  const database = await stage.books(size);
  const name = `growth-${size.users}`;
  return {
    database,
    size,
    users: signIn(evenly(SMALL.users, size.users), stage.folder, name),
    somebody: signIn([1], stage.folder, `${name}-one`),
    orders: await Promised.since(stage.database, database, 'orders'),
    withdrawals: await Promised.since(stage.database, database, 'withdrawals'),
  };
}

function ordersOf({ users }: BooksSize): string {
  return number(users * ORDERS_PER_USER);
}
