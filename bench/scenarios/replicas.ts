import type { Replica } from '../../test/torture/support/replica.js';
import { Promised, reconcile } from '../books/checks.js';
import { evenly, signIn } from '../books/users.js';
import { type Contender, underLoad } from '../contest/contenders.js';
import { contest, sideLength } from '../contest/contest.js';
import { Crediting } from '../contest/crediting.js';
import type { Call } from '../load/order.js';
import type { Round } from '../measure/round.js';
import { atLeast, type Figure, figure } from '../report/figure.js';
import { type Stage, STANDARD } from '../stage/stage.js';
import { perSecond, rate, type Row, type Scenario } from './scenario.js';

const MOST = 4;
const GOAL = atLeast(0.8);

/**
 * One, two and four replicas on one database, in turn. All of them run all the time; those whose
 * turn it is not have nothing to do.
 */
export const REPLICAS: Scenario = {
  name: 'replicas',
  meaning: 'one, two and four replicas on one database',
  async run(stage) {
    const database = await stage.books();
    const rows: Row[] = [];
    const figures: Figure[] = [];
    const compare = (what: string, rounds: Record<'one' | 'two' | 'four', Round[]>): void => {
      const ratio = {
        two: againstBest(rounds.two, rounds.one),
        four: againstBest(rounds.four, rounds.one),
      };
      rows.push({ what: `${what}, 1 replica`, rounds: rounds.one });
      rows.push({
        what: `${what}, 2 replicas`,
        rounds: rounds.two,
        ratios: rate(rounds.two, rounds.one),
      });
      rows.push({
        what: `${what}, ${MOST} replicas`,
        rounds: rounds.four,
        ratios: rate(rounds.four, rounds.one),
      });
      figures.push(figure(`${what}: 2 replicas / best of 1`, ratio.two, GOAL));
      figures.push(figure(`${what}: ${MOST} replicas / best of 1`, ratio.four));
    };
    await calls(stage, database, compare);
    await crediting(stage, database, compare);
    stage.report(...(await reconcile(stage.database.uri(database), stage.stopping)));
    return { rows, figures };
  },
};

type Compare = (what: string, rounds: Record<'one' | 'two' | 'four', Round[]>) => void;

async function calls(stage: Stage, database: string, compare: Compare): Promise<void> {
  const replicas = await start(stage, database, { CASHBACK_ENABLED: 'false' });
  const users = signIn(evenly(STANDARD.users, STANDARD.users), stage.folder, 'replicas');
  const orders = await Promised.since(stage.database, database, 'orders');
  const withdrawals = await Promised.since(stage.database, database, 'withdrawals');
  const take = (
    call: Call,
    promised?: Promised,
  ): Promise<Record<'one' | 'two' | 'four', Round[]>> =>
    inTurn(stage, (count) =>
      underLoad(stage, {
        services: replicas.slice(0, count),
        call,
        users,
        ...(promised && { promised }),
      }),
    );
  compare('GET balance', await take('balance'));
  compare('POST orders', await take('upload', orders));
  compare('POST withdraw', await take('withdraw', withdrawals));
  await stage.stopServices();
  stage.report(...(await orders.check()), ...(await withdrawals.check()));
}

/**
 * Workers whose turn it is not are stopped as by Ctrl-Z, while the gate is held and they have
 * nothing in hand.
 */
async function crediting(stage: Stage, database: string, compare: Compare): Promise<void> {
  const credits = new Crediting(stage, database, STANDARD.users);
  await credits.hold();
  const replicas = await start(stage, database, {});
  const of = (count: number): Contender => {
    const contender = credits.contender(replicas.slice(0, count));
    return async (seconds) => {
      const idle = replicas.slice(count);
      idle.forEach((replica) => replica.signal('SIGSTOP'));
      try {
        return await contender(seconds);
      } finally {
        idle.forEach((replica) => replica.signal('SIGCONT'));
      }
    };
  };
  compare('crediting', await inTurn(stage, of));
  await credits.drain();
  await stage.stopServices();
}

async function inTurn(
  stage: Stage,
  of: (count: number) => Contender,
): Promise<Record<'one' | 'two' | 'four', Round[]>> {
  const length = sideLength(stage);
  // All of them together have every replica warmed up.
  await of(MOST)(length.warmUpSeconds);
  return contest(
    stage,
    { one: of(1), two: of(2), four: of(MOST) },
    { ...length, warmUpSeconds: 0 },
  );
}

async function start(
  stage: Stage,
  database: string,
  settings: Readonly<Record<string, string>>,
): Promise<Replica[]> {
  const replicas: Replica[] = [];
  while (replicas.length < MOST) replicas.push(await stage.service(database, settings));
  return replicas;
}

function againstBest(rounds: readonly Round[], single: readonly Round[]): number[] {
  const best = Math.max(...perSecond(single));
  return perSecond(rounds).map((each) => each / best);
}
