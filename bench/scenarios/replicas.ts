import { type Bench, WORKER_OFF } from '../bench.js';
import { RowCount } from '../books/checks.js';
import { STANDARD } from '../books/fill.js';
import { Backlog } from '../crediting.js';
import type { Call } from '../load/requests.js';
import type { ServiceProcess } from '../../test/support/processes/service-process.js';
import { atLeast, type Figure, figure, perSecond, rate } from '../report/figures.js';
import { inTurns, type Measure, type Round, underLoad } from '../rounds.js';
import type { Row, Scenario } from './scenario.js';

const MOST = 4;
const GOAL = atLeast(0.8);

type Rounds = Record<'one' | 'two' | 'four', Round[]>;

/** One, two and four replicas on one database, in turn. */
export const REPLICAS: Scenario = {
  name: 'replicas',
  meaning: 'one, two and four replicas on one database',
  async run(bench) {
    const database = await bench.books();
    const rows: Row[] = [];
    const figures: Figure[] = [];
    const compare = (what: string, { one, two, four }: Rounds): void => {
      rows.push(
        { what: `${what}, 1 replica`, rounds: one },
        { what: `${what}, 2 replicas`, rounds: two, ratios: rate(two, one) },
        { what: `${what}, ${MOST} replicas`, rounds: four, ratios: rate(four, one) },
      );
      figures.push(
        figure(`${what}: 2 replicas / best of 1`, toBest(two, one), GOAL),
        figure(`${what}: ${MOST} replicas / best of 1`, toBest(four, one)),
      );
    };
    await compareCalls(bench, database, compare);
    const backlog = new Backlog(bench, database, STANDARD.users);
    const of = (replicas: number): Measure => backlog.credited({ replicas });
    compare('crediting', await inTurn(bench, of, 0));
    await backlog.drain();
    await bench.finish(database);
    return { rows, figures };
  },
};

/** All replicas run all the time; those whose turn it is not have nothing to do. */
async function compareCalls(
  bench: Bench,
  database: string,
  compare: (what: string, rounds: Rounds) => void,
): Promise<void> {
  const replicas: ServiceProcess[] = [];
  while (replicas.length < MOST) replicas.push(await bench.service(database, WORKER_OFF));
  const users = bench.everybody();
  const orders = await RowCount.of(bench.server, database, 'orders');
  const withdrawals = await RowCount.of(bench.server, database, 'withdrawals');
  const take = (call: Call, count?: RowCount): Promise<Rounds> => {
    const of = (many: number): Measure =>
      underLoad(bench, { services: replicas.slice(0, many), call, users, count });
    return inTurn(bench, of, bench.options.side.warmUpSeconds);
  };
  compare('GET balance', await take('balance'));
  compare('POST orders', await take('upload', orders));
  compare('POST withdraw', await take('withdraw', withdrawals));
  await bench.stop();
  bench.report(...(await orders.problems()), ...(await withdrawals.problems()));
}

async function inTurn(
  bench: Bench,
  of: (count: number) => Measure,
  warmUpSeconds: number,
): Promise<Rounds> {
  // All of them together have every replica warmed up.
  if (warmUpSeconds > 0) await of(MOST)(warmUpSeconds);
  const measures = { one: of(1), two: of(2), four: of(MOST) };
  return inTurns(bench, measures, { ...bench.options.side, warmUpSeconds: 0 });
}

function toBest(rounds: readonly Round[], single: readonly Round[]): number[] {
  const best = Math.max(...perSecond(single));
  return perSecond(rounds).map((each) => each / best);
}
